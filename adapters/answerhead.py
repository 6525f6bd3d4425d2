"""The head of an answer: its status line and headers."""

from twisted.web.http import NO_CONTENT, RESPONSES

Header = tuple[bytes, bytes]
CLOSE: Header = (b"Connection", b"close")


def head(code: int, headers: list[Header], length: int) -> bytes:
    """Write the head of an answer; *headers* are ours and need no escaping."""
    lines = [b"HTTP/1.1 %d %s\r\n" % (code, RESPONSES.get(code, b""))]
    lines += [b"%s: %s\r\n" % header for header in headers]
    if code != NO_CONTENT:
        lines.append(b"Content-Length: %d\r\n" % length)
    lines.append(b"\r\n")
    return b"".join(lines)
