"""
One row of the journal: how it is written, sealed, chained, read back and checked.

A row is one line, its fields always in this order::

    {"v":1,"seq":…,"at":…,"kind":…,"public":{…},"sealed":…,"private":{…},"prev":…,"hash":…}

`public` and `private` are canonical JSON (UTF-8, sorted keys, no spaces, no floats), so a line can be checked by cutting
it into its pieces and hashing those, without parsing it, and every changed byte shows.
"""

import re
from hashlib import sha256
from typing import Any, Literal, NamedTuple

import orjson

from router.journal.canonical import canonical
from router.journal.form import Forms

ZERO = "0" * 64
"""What the first record of a journal has as `prev`."""

SALT_BYTES = 16

Wrong = Literal["hash", "prev", "sealed", "seq", "unreadable"]
"""
What can be wrong with a row: its `hash` is not that of its text, `prev` not the hash of the row before, `sealed` not that
of its private part, `seq` not one more than before; or it cannot be read at all.
"""


class Point(NamedTuple):
    """A place in the chain: everything up to and with *seq*, whose hash is *hash*."""

    seq: int
    hash: str


START = Point(0, ZERO)


class Record(NamedTuple):
    """
    One record; *at* is UTC, ISO 8601 with microseconds and `Z`.

    *private* holds every number, name, text and the bytes answered, with a random salt; None once it has been erased.
    """

    seq: int
    at: str
    kind: str
    public: dict[str, Any]
    sealed: str
    private: dict[str, Any] | None
    prev: str
    hash: str


class Cut(NamedTuple):
    """A line cut into its pieces, all but the numbers still as they were written."""

    seq: int
    at: bytes
    kind: bytes
    public: bytes
    sealed: bytes
    private: bytes
    prev: bytes
    hash: bytes


_LINE = re.compile(
    rb'\{"v":1,"seq":([1-9][0-9]*),"at":"([0-9TZ:.-]+)","kind":"([a-z]+)","public":(\{.*\}),"sealed":"([0-9a-f]{64})"'
    rb',"private":(\{.*\}|null),"prev":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"\}',
    re.DOTALL,
)


def seal(  # noqa: PLR0913, RUF100  a record has that many parts
    *,
    seq: int,
    at: str,
    kind: str,
    public: dict[str, Any],
    private: dict[str, Any],
    prev: str,
    salt: bytes,
    forms: Forms | None = None,
) -> tuple[Record, bytes]:
    """
    Make the record that follows *prev*, and its line (with the newline). *salt* is 16 random bytes.

    With *forms*, *public* and *private* are what fills their gaps.
    """
    salted = {**private, "salt": salt.hex()}
    if forms is None:
        shown, hidden = canonical(public), canonical(salted)
    else:
        public, shown = forms.public.filled(public)
        salted, hidden = forms.private.filled(salted)
    sealed = sha256(hidden).hexdigest()
    moment, kind_, sealed_, before = at.encode(), kind.encode(), sealed.encode(), prev.encode()
    digest = sha256(_hashed(seq, moment, kind_, shown, sealed_, before)).hexdigest()
    line = (
        b'{"v":1,"seq":%d,"at":"%b","kind":"%b","public":%b,"sealed":"%b","private":%b,"prev":"%b","hash":"%b"}\n'
        % (seq, moment, kind_, shown, sealed_, hidden, before, digest.encode())
    )
    return Record(seq, at, kind, public, sealed, salted, prev, digest), line


def _hashed(seq: int, at: bytes, kind: bytes, public: bytes, sealed: bytes, prev: bytes) -> bytes:  # noqa: PLR0913, RUF100
    """Return canonical({v, seq, at, kind, public, sealed, prev}); the keys are sorted here, by hand."""
    return b'{"at":"%b","kind":"%b","prev":"%b","public":%b,"sealed":"%b","seq":%d,"v":1}' % (
        at,
        kind,
        prev,
        public,
        sealed,
        seq,
    )


def cut(line: bytes) -> Cut | None:
    """Cut a *line* (without its newline) into its pieces; None when it is not a record."""
    found = _LINE.fullmatch(line)
    return Cut(int(found[1]), *found.groups()[1:]) if found else None


def wrong(pieces: Cut) -> Wrong | None:
    """Say whether a row holds by itself, whatever stands before it: its private part is the sealed one, its hash is right."""
    if pieces.private != b"null" and sha256(pieces.private).hexdigest().encode() != pieces.sealed:
        return "sealed"
    text = _hashed(pieces.seq, pieces.at, pieces.kind, pieces.public, pieces.sealed, pieces.prev)
    return None if sha256(text).hexdigest().encode() == pieces.hash else "hash"


def read(pieces: Cut) -> Record:
    """Parse the pieces of a line; raise `ValueError` when they are not JSON."""
    return Record(
        pieces.seq,
        pieces.at.decode(),
        pieces.kind.decode(),
        orjson.loads(pieces.public),
        pieces.sealed.decode(),
        orjson.loads(pieces.private),
        pieces.prev.decode(),
        pieces.hash.decode(),
    )


def trusted(pieces: Cut) -> Record | None:
    """Read a row that holds by itself; None for one that does not."""
    if wrong(pieces):
        return None
    try:
        return read(pieces)
    except ValueError:  # sealed and hashed by somebody else: we write nothing but JSON
        return None
