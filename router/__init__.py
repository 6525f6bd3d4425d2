"""The daemon and its command line: journal, index, engine, metrics, logs."""
