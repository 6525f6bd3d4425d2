"""Where a person's calendar comes from, as the rule file says."""

from pathlib import Path
from urllib.parse import urlsplit

import attrs

from rules.spec import CalendarSpec
from rules.words import Words

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class MissingError(Exception):
    """The calendar cannot be had; the text says why, without its address."""


@attrs.frozen
class Calendar:
    """
    The calendar of *person*: a file at *path*, or at *url*, which is a secret (""; nobody has looked it up).

    *written* is what stands in the rule file, *match* the words a title must have (None: every title counts).
    """

    person: str
    written: str
    match: Words | None
    path: Path | None
    url: str = attrs.field(default="", repr=False)

    @classmethod
    def of(cls, person: str, spec: CalendarSpec, folder: Path, url: str = "") -> "Calendar":
        """Make it of what was written; files count from *folder*."""
        written = spec.url.text
        path = folder / written.removeprefix("file:") if written.startswith("file:") else None
        match = Words.of(word.text for word in spec.match) if spec.match else None
        return cls(person, written, match, path, written if written.startswith("https://") else url)

    def same_place(self, other: "Calendar") -> bool:
        """Say whether *other* is the same calendar, whatever is looked for in it."""
        return (self.written, self.url, self.path) == (other.written, other.url, other.path)


def address(text: str) -> str | None:
    """
    Return the address of a calendar ready to be asked; None when *text* is none.

    `webcal:` is what some programs write for https. Without encryption only this machine is asked.
    """
    text = text.strip()
    if text.startswith("webcal://"):
        text = f"https://{text.removeprefix('webcal://')}"
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return None
    plain = parts.scheme == "http" and host in LOOPBACK
    fits = text.isascii() and text.isprintable() and " " not in text
    return text if fits and host and (parts.scheme == "https" or plain) else None


def from_file(path: Path, limit: int) -> bytes:
    """Return what the file at *path* holds, one byte more than *limit* at most; raise `MissingError`."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise MissingError(f"the file {path} cannot be read: {(error.strerror or str(error)).lower()}") from error
