"""A SIP message as it was read: the start line, the header fields, the body (RFC 3261 section 7)."""

import re
from contextlib import suppress

import attrs

from adapters.sip.address import Address, parse_address
from adapters.sip.grammar import commas, number
from adapters.sip.lazily import lazily
from adapters.sip.refusal import MalformedError
from adapters.sip.uri import AnyUri, parse_uri
from adapters.sip.via import Via, parse_via

# https://www.iana.org/assignments/sip-parameters: header fields with a short form.
COMPACT = {
    "a": "accept-contact",
    "b": "referred-by",
    "c": "content-type",
    "d": "request-disposition",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "j": "reject-contact",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "u": "allow-events",
    "v": "via",
    "x": "session-expires",
    "y": "identity",
}
_CSEQ = re.compile(r"([0-9]++)[ \t]++([^ \t]++)")


@attrs.frozen
class Headers:
    """
    Header fields in their order: lower-case full names, and values with their folded lines joined by one space.

    Names are given lower-case and in full (`call-id`) to every function.
    """

    fields: tuple[tuple[str, str], ...] = ()
    _by_name: dict[str, list[str]] = attrs.field(eq=False, repr=False)

    @_by_name.default
    def _indexed(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, value in self.fields:
            found.setdefault(name, []).append(value)
        return found

    def __contains__(self, name: str) -> bool:
        """Say whether there is such a field."""
        return name in self._by_name

    def all(self, name: str) -> list[str]:
        """Return every value of *name*, in order; a comma list in one field is one value."""
        return self._by_name.get(name, [])

    def first(self, name: str) -> str | None:
        """Return the first value of *name*; None when there is none."""
        values = self._by_name.get(name)
        return values[0] if values else None

    def only(self, name: str, shown: str) -> str:
        """Return the one value of *name*; none or several are a `MalformedError` that calls the field *shown*."""
        match self.all(name):
            case [value]:
                return value
            case []:
                raise MalformedError(f"no {shown}")
            case _:
                raise MalformedError(f"several {shown}")

    def with_vias(self, vias: list[str]) -> "Headers":
        """Return the fields with these hops, in front of all others."""
        fields = (*[("via", via) for via in vias], *[field for field in self.fields if field[0] != "via"])
        return Headers(fields, {**self._by_name, "via": vias})

    def elements(self, name: str) -> list[str]:
        """Return the elements of a comma list, whether in one field or in several; raises `MalformedError`."""
        return [element for value in self.all(name) if value for element in commas(value)]

    def readable(self, name: str) -> list[str]:
        """Return the elements of a comma list, all those in a field that is no list passed over."""
        found: list[str] = []
        for value in self.all(name):
            with suppress(MalformedError):
                found += commas(value)
        return found

    def addresses(self, name: str) -> list[Address]:
        """Return the addresses of a comma list, those that cannot be read passed over."""
        found: list[Address] = []
        for element in self.readable(name):
            with suppress(MalformedError):
                found.append(parse_address(element))
        return found


@attrs.frozen
class CSeq:
    """Number and method of a CSeq field."""

    number: int
    method: str


@attrs.frozen(slots=False)
class Request:
    """
    A request. *method* is as written (case counts), *target* the Request-URI as written, *version* as `SIP/2.0`.

    What is read on demand (`uri`, `via`, `sender`, `recipient`, `call_id`, `cseq`) raises `MalformedError` if it is not
    there once and well formed; after `checks.check_syntax` said None it is.
    """

    method: str
    target: str
    version: str
    headers: Headers
    body: bytes = b""

    @lazily
    def uri(self) -> AnyUri:
        """The Request-URI."""
        return parse_uri(self.target)

    @lazily
    def vias(self) -> list[str]:
        """All hops, the nearest first, as written."""
        return self.headers.elements("via")

    @lazily
    def via(self) -> Via:
        """The nearest hop."""
        if not self.vias:
            raise MalformedError("no Via")
        return parse_via(self.vias[0])

    @lazily
    def sender(self) -> Address:
        """From."""
        return _address(self.headers, "from", "From")

    @lazily
    def recipient(self) -> Address:
        """To."""
        return _address(self.headers, "to", "To")

    @lazily
    def call_id(self) -> str:
        """Call-ID: any text without blanks, in which a quote is a letter like any other."""
        value = self.headers.only("call-id", "Call-ID")
        if not value or " " in value or "\t" in value:
            raise MalformedError("malformed Call-ID")
        return value

    @lazily
    def cseq(self) -> CSeq:
        """CSeq; a number of 2**32 or more is malformed (RFC 3261 section 8.1.1.5)."""
        found = _CSEQ.fullmatch(self.headers.only("cseq", "CSeq"))
        sequence = number(found[1], below=2**32) if found else None
        if found is None or sequence is None:
            raise MalformedError("malformed CSeq")
        return CSeq(sequence, found[2])

    def seen_from(self, host: str, port: int) -> "Request":
        """
        Note in the top Via where the request really came from (`Via.seen_from`); to be done before anything else.

        A top Via that cannot be read stays as it is, for `checks.check_syntax` to refuse.
        """
        try:
            top = str(self.via.seen_from(host, port))
            vias = [top, *self.vias[1:]]
        except MalformedError:
            return self
        return Request(self.method, self.target, self.version, self.headers.with_vias(vias), self.body)


@attrs.frozen
class Response:
    """An answer to somebody's request; *reason* is as written."""

    version: str
    code: int
    reason: str
    headers: Headers
    body: bytes = b""


def _address(headers: Headers, name: str, shown: str) -> Address:
    value = headers.only(name, shown)
    try:
        return parse_address(value)
    except MalformedError:
        raise MalformedError(f"malformed {shown}") from None
