"""SIP for the daemon: what the configuration says made ready, listeners, the way to the engine, metrics."""
