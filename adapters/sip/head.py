"""The start line and the header fields of a message, as far as they can be read (RFC 3261 sections 7.1 to 7.3)."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import attrs

from adapters.sip.grammar import BLANKS, is_token
from adapters.sip.limits import FIELD, FIELDS, HEAD
from adapters.sip.message import COMPACT, Headers, Request, Response
from adapters.sip.refusal import Refusal, refuse

_FIELD = re.compile(r"([A-Za-z0-9\-.!%*_+`'~]++)[ \t]*+:[ \t]*+([^\r\n]*+)")
_STATUS = re.compile(r"([0-9]{3}) (.*+)", re.DOTALL)
_FOLDED = re.compile(r"[ \t]")
_LINE_END = re.compile(r"[\r\n]")


@attrs.frozen
class Head:
    """
    What could be read: *message* without its body, None when the first line is neither a request's nor an answer's.

    *defect* is the first thing wrong; the fields that are in order were read all the same, for the answer to copy.
    """

    message: Request | Response | None
    defect: Refusal | None = None

    @property
    def answerable(self) -> Request | None:
        """The request, if an answer to it is allowed (never to an ACK) and would find its way (a Via)."""
        message = self.message
        if isinstance(message, Request) and message.method != "ACK" and message.headers.first("via"):
            return message
        return None


def read_head(data: bytes) -> Head:
    """Read the bytes before the empty line. Never raises; no more than the limits of `adapters.sip.limits` is looked at."""
    too_long = len(data) > HEAD
    lines = data[:HEAD].decode("utf-8", "surrogateescape").split("\r\n")
    if too_long:
        lines = lines[:-1] or lines
    start, *rest = lines
    defects = [refuse(513, "header section")] if too_long else []
    fields = tuple(_fields(_unfolded(rest, defects), defects))
    message = _message(start, Headers(fields), defects)
    return Head(message, defects[0] if defects else None)


def _message(start: str, headers: Headers, defects: list[Refusal]) -> Request | Response | None:
    if _LINE_END.search(start):
        return None
    if start[:4].upper() == "SIP/":
        version, _, status = start.partition(" ")
        found = _STATUS.fullmatch(status)
        return Response(version.upper(), int(found[1]), found[2], headers) if found else None
    method, _, rest = start.partition(" ")
    target, _, version = rest.rstrip(BLANKS).rpartition(" ")
    if not is_token(method) or version[:4].upper() != "SIP/":
        return None
    if rest[-1:] in (" ", "\t") or not target or target.strip(BLANKS) != target:
        defects.append(refuse(400, "blanks in the request line"))
    return Request(method, target.strip(BLANKS), version.upper(), headers)


def _fields(lines: Iterable[str], defects: list[Refusal]) -> Iterator[tuple[str, str]]:
    """Read header lines; what is wrong goes to *defects*, and the field it is wrong with is left out."""
    for count, field in enumerate(lines):
        if count == FIELDS:
            defects.append(refuse(513, "header fields"))
            return
        found = _FIELD.fullmatch(field)
        if found is None:
            # Whoever reads the line end differently reads another message: nothing of it may be passed on.
            defects.append(refuse(400, "line end" if _LINE_END.search(field) else "header field"))
        elif len(field) > FIELD:
            defects.append(refuse(513, "header field"))
        else:
            yield _full(found[1]), found[2].rstrip(BLANKS)


@lru_cache(maxsize=256)
def _full(name: str) -> str:
    """Return the name of a field lower-case and in full."""
    name = name.lower()
    return COMPACT.get(name, name)


def _unfolded(lines: list[str], defects: list[Refusal]) -> Iterable[str]:
    """Join lines that begin with a blank to the ones before them; hardly anybody writes such lines."""
    return _joined(lines, defects) if any(map(_FOLDED.match, lines)) else lines


def _joined(lines: list[str], defects: list[Refusal]) -> Iterator[str]:
    """Join a line that begins with a blank to the one before it, with one space (RFC 3261 section 7.3.1)."""
    pieces: list[str] = []
    for line in lines:
        if line[:1] not in (" ", "\t"):
            if pieces:
                yield " ".join(pieces)
            pieces = [line.rstrip(BLANKS)]
        elif pieces:
            pieces.append(line.strip(BLANKS))
        else:
            defects.append(refuse(400, "blanks in the request line"))
    if pieces:
        yield " ".join(pieces)
