"""A provider, a mail server and web hooks that exist on this machine alone: for trying switchhook out, and for tests."""
