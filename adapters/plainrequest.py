"""
Reads the requests providers send: one POST that came in one piece, with nothing about it that would take thought.

twisted.web's parser goes line by line, and copies what is left for each of them; that takes as long as checking a signature.
What is read here it would read alike (the tests hold the two against each other), and whatever looks in the least unusual is
left to it: other methods, folded lines, a length that is doubled or not that of what came, chunks, `Connection`, `Expect`,
letters beyond ASCII.
"""

import re
from typing import NamedTuple

_PLAIN = re.compile(rb"POST (/[!-~]*) HTTP/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[ -~]*\r\n)+)\r\n")
_UNUSUAL = frozenset({b"transfer-encoding", b"connection", b"expect", b"upgrade", b"te", b"trailer"})
_MOST_HEADERS = 100


class Plain(NamedTuple):
    """A request: its target, its headers as they were spelt, in order, and its body, which is not empty."""

    target: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes


def plain_request(data: bytes) -> Plain | None:
    """Read *data*, which begins where a request does; None when it is not exactly one plain request."""
    found = _PLAIN.match(data)
    if found is None:
        return None
    length = None
    headers = []
    for line in found[2].split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        value = value.strip(b" ")
        lower = name.lower()
        if lower == b"content-length":
            if length is not None:
                return None
            length = value
        elif lower in _UNUSUAL:
            return None
        headers.append((name, value))
    body = data[found.end() :]
    usual = body and length == b"%d" % len(body) and len(headers) <= _MOST_HEADERS
    return Plain(found[1], headers, body) if usual else None
