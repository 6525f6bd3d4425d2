"""What the admin listener answers about recordings: which there are, and the sound of one."""

from typing import Any, NamedTuple

import attrs

from router.clock import iso_seconds
from router.recordings.recordings import Recordings

SOUND = "audio/mpeg"


class Heard(NamedTuple):
    """An answer: *sound*, or else *told* as JSON."""

    code: int
    told: Any
    sound: bytes | None = None


@attrs.frozen(eq=False)
class RecordingsDesk:
    """Answers administrators; who is listened to is known to the journal afterwards."""

    recordings: Recordings

    def listed(self) -> Heard:
        """Tell which recordings there are, the newest first; nothing of it is private."""
        notes = sorted(self.recordings.shelf.notes.values(), key=lambda note: (note.kept_at, note.id), reverse=True)
        told = [
            {
                "id": note.id,
                "number": note.number,
                "box": note.box,
                "kept_at": iso_seconds(note.kept_at),
                "size": note.size,
            }
            for note in notes
        ]
        return Heard(200, {"recordings": told})

    def sound(self, call: str) -> Heard:
        """Return the sound of the message a call left."""
        sound = self.recordings.heard(call)
        if sound is None:
            return Heard(
                404, {"error": f"no recording is kept for '{call}'; its time may be over, or it was never fetched"}
            )
        return Heard(200, None, sound)
