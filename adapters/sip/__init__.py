"""A SIP redirect server (RFC 3261 section 8.3): INVITE and MESSAGE in, where they go out; no dialogs, no media."""
