"""
The answer to calls decided alike: written once by the provider, and from then on only the links of each call put in.

A third of what a call costs would go into writing the same verbs again. The provider's own `write` stays the only place that
says what is written: it answers two calls that do not exist, the first answer is cut where the call's reference and its
tokens stand, and only when the pieces give the second answer, byte for byte, are they used.
"""

import re
from collections.abc import Callable

import attrs

from adapters.api import LinkTo, RawResponse
from router import ulid
from router.links import Mark, StepLinks

Write = Callable[[str, LinkTo], RawResponse]
"""Answers the call with that reference, with that maker of links."""


@attrs.frozen
class Document:
    """
    An answer in *pieces*, text and gap in turns.

    *gaps* pairs the place of each gap with what goes there: 0 the reference of the call, n the token that mark n - 1 makes.
    """

    code: int
    content_type: str
    pieces: tuple[bytes, ...]
    gaps: tuple[tuple[int, int], ...]
    marks: tuple[Mark, ...]

    def to(self, call: str) -> RawResponse:
        """Return the answer to *call*."""
        reference = call.encode()
        fillings = [reference, *[mark.token(reference) for mark in self.marks]]
        pieces = list(self.pieces)
        for place, filling in self.gaps:
            pieces[place] = fillings[filling]
        return RawResponse(self.code, self.content_type, b"".join(pieces))


def document_of(write: Write, links_of: Callable[[str], StepLinks]) -> Document | None:
    """
    Have the answer written and cut; None for a provider that does more with a link than write it down.

    *links_of* makes the links of a call by its reference. Those of the calls that do not exist are real ones: as long as any
    other, so that a document that must be shortened is shortened alike, and not to be found in it by chance.
    """
    first, second = ulid.new(0.0), ulid.new(0.0)
    noting = _Noting(links_of(first))
    written = write(first, noting)
    document = _cut(written, first, noting)
    return document if document.to(second) == write(second, links_of(second)) else None


@attrs.frozen
class _Noting:
    """Makes links, and notes which were asked for."""

    link: StepLinks
    asked: dict[tuple[str, int], None] = attrs.field(factory=dict)

    def __call__(self, what: str, leg: int) -> str:
        self.asked[what, leg] = None
        return self.link(what, leg)


def _cut(written: RawResponse, call: str, noting: _Noting) -> Document:
    """Cut an answer where its tokens stand, and the reference of the call, with which each of them begins."""
    marks = tuple([noting.link.mark(what, leg) for what, leg in noting.asked])
    reference = call.encode()
    fillings = {mark.token(reference): number for number, mark in enumerate(marks, 1)} | {reference: 0}
    pieces = re.split(b"(" + b"|".join(map(re.escape, fillings)) + b")", written.body)
    gaps = [(place, fillings[pieces[place]]) for place in range(1, len(pieces), 2)]
    return Document(written.code, written.content_type, tuple(pieces), tuple(gaps), marks)
