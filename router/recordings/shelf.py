"""Where recordings are kept: `recordings/` in the state folder, a sound and a note beside it for each message."""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import attrs

from router.links import write_private

_ID = re.compile("[0-9A-HJKMNP-TV-Z]{26}")
"""What our references look like (ULID); nothing else becomes the name of a file."""


@attrs.frozen(kw_only=True)
class Note:
    """
    What is known of a recording: the *id* of its call, our *number* and the *box* by name, when it was kept (UTC epoch seconds).

    *keep* is for how many seconds, as its box said then (None: without end); *size* in bytes.
    """

    id: str
    number: str
    box: str
    kept_at: int
    keep: int | None
    size: int
    sha256: str


@attrs.define(eq=False)
class Shelf:
    """
    The folder; `open` it first.

    Only its owner may read what is in it. The note is written last, so a sound without one counts as not kept.
    """

    folder: Path
    notes: dict[str, Note] = attrs.field(factory=dict, init=False)

    def open(self) -> None:
        """Make the folder if need be, and take up what is in it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        for path in sorted(self.folder.glob("*.json")):
            note = _read(path)
            if note is not None and self._sound(note.id).exists():
                self.notes[note.id] = note

    def __contains__(self, call: object) -> bool:
        """Say whether the message of a call is here."""
        return call in self.notes

    def put(self, call: str, sound: bytes, *, number: str, box: str, at: int, keep: int | None) -> Note:
        """Keep a *sound*, on disk when this returns; raise `OSError` when it cannot be. In any thread; `keep` makes it known."""
        if not _ID.fullmatch(call):
            raise ValueError("not a reference of ours")
        digest = sha256(sound).hexdigest()
        note = Note(id=call, number=number, box=box, kept_at=at, keep=keep, size=len(sound), sha256=digest)
        write_private(self._sound(call), sound)
        write_private(self._note(call), json.dumps(attrs.asdict(note)).encode() + b"\n")
        return note

    def keep(self, note: Note) -> None:
        """Let everybody know of a recording that was put here."""
        self.notes[note.id] = note

    def sound(self, call: str) -> bytes | None:
        """Return what is heard; None when it is not here (any more)."""
        if call not in self.notes:
            return None
        try:
            return self._sound(call).read_bytes()
        except OSError:
            return None

    def remove(self, call: str) -> None:
        """Delete a recording; the note goes last, so that one half deleted is found again. Raises `OSError`."""
        self._sound(call).unlink(missing_ok=True)
        self._note(call).unlink(missing_ok=True)
        self.notes.pop(call, None)

    def _sound(self, call: str) -> Path:
        return self.folder / f"{call}.mp3"

    def _note(self, call: str) -> Path:
        return self.folder / f"{call}.json"


def _read(path: Path) -> Note | None:
    """Return what a note says; None when it is none."""
    try:
        written: Any = json.loads(path.read_bytes())
        note = Note(**written)
    except (OSError, ValueError, TypeError):
        return None
    return note if note.id == path.stem and _ID.fullmatch(note.id) else None
