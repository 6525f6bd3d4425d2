"""What stands in From, To, Contact, Diversion and their kind: a URI, perhaps with a name before and parameters behind it."""

import re

import attrs

from adapters.sip.grammar import BLANKS, NO_PARAMS, Params, commas, header_params, leading_quoted, quote
from adapters.sip.refusal import MalformedError
from adapters.sip.uri import AnyUri, parse_uri

# Words without quotes; letters of any script, which the grammar does not allow, do no harm.
_WORDS = re.compile(r'[^",;<>\\]*+')


@attrs.frozen
class Address:
    """
    A name-addr or addr-spec (RFC 3261 section 20.10): *name* without its quotes, None when there is none.

    *params* are those of the header field; `str()` writes it back, always in angle brackets.
    """

    uri: AnyUri
    name: str | None = None
    params: Params = NO_PARAMS

    @property
    def tag(self) -> str | None:
        """The tag of a From or To; None when it has none."""
        return self.params.get("tag")

    def __str__(self) -> str:
        name = "" if self.name is None else quote(self.name) + " "
        return f"{name}<{self.uri}>{self.params}"


def parse_address(text: str) -> Address:
    """
    Read one address; anything else is a `MalformedError`.

    Without angle brackets what follows `;` belongs to the header field, and a `?` or `,` is an error.
    """
    text = text.strip(BLANKS)
    if text[:1] == '"':
        name, text = leading_quoted(text)
        text = text.lstrip(BLANKS)
        if text[:1] != "<":
            raise MalformedError("address")
        return _bracketed(name, text[1:])
    words, bracket, rest = text.partition("<")
    words = words.rstrip(BLANKS)
    if not bracket or not _WORDS.fullmatch(words):
        return _bare(text)
    return _bracketed(words or None, rest)


def parse_addresses(text: str) -> list[Address]:
    """Read a list of addresses, cut at its commas."""
    return [parse_address(each) for each in commas(text)]


def _bracketed(name: str | None, text: str) -> Address:
    uri, closed, rest = text.partition(">")
    if not closed:
        raise MalformedError("bracket")
    return Address(parse_uri(uri), name, header_params(rest.lstrip(BLANKS)))


def _bare(text: str) -> Address:
    uri = text.partition(";")[0]
    spec = uri.rstrip(BLANKS)
    if "?" in spec or "," in spec:
        raise MalformedError("address without angle brackets")
    return Address(parse_uri(spec), None, header_params(text[len(uri) :]))
