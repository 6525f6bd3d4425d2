"""How much of a SIP message is read. Nothing honest comes near; what is longer is refused before it costs anything."""

HEAD = 16 * 1024
"""Bytes of start line and header fields together; more is answered 513."""

FIELDS = 256
"""Header fields in one message; more is answered 513."""

FIELD = 8 * 1024
"""Bytes of one header field, its name and folded lines included; more is answered 513."""

VIAS = 70
"""Hops in Via, which is what Max-Forwards starts with; more is answered 513."""

REQUEST_URI = 2048
"""Characters of a Request-URI; more is answered 414."""

BODY = 64 * 1024
"""Bytes of a body; more is answered 413."""

DATAGRAM = 65535
"""Bytes of the longest UDP datagram; what `maxPacketSize` must be (RFC 3261 section 18.1.1)."""

KEEPALIVE = 16
"""A datagram shorter than this is no message but keeps a NAT binding alive."""
