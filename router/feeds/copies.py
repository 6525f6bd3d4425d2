"""The last good copy of each calendar, in the state folder: what holds while the calendar itself cannot be had."""

import hashlib
import json
from pathlib import Path

import attrs

from router.links import write_private

FOLDER = "calendars"


@attrs.frozen
class Copy:
    """
    A calendar as it was last read.

    *written* is what the rule file called it, *place* tells whether it is still the same address, *read_at* when it was last
    seen to be so (UTC epoch seconds); *etag* and *modified* are how its server knows this version.
    """

    written: str
    place: str
    read_at: int
    etag: str
    modified: str
    content: bytes = attrs.field(repr=False)


def place_of(url: str) -> str:
    """Return what tells an address from others, without telling the address."""
    return hashlib.sha256(url.encode()).hexdigest()


@attrs.frozen
class Copies:
    """Keeps one copy for each person in *folder*; only its owner may look into it."""

    folder: Path

    @classmethod
    def within(cls, state: Path) -> "Copies":
        """Keep them in the folder *state*."""
        return cls(state / FOLDER)

    def keep(self, person: str, copy: Copy) -> None:
        """Keep *copy* instead of what was kept: the content first, then what names it, so a whole one is always found."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = self._name(person)
        content = f"{name}-{hashlib.sha256(copy.content).hexdigest()}.ics"
        if not (self.folder / content).exists():
            write_private(self.folder / content, copy.content)
        told = attrs.asdict(copy, filter=lambda attribute, _: attribute.name != "content")
        write_private(self.folder / f"{name}.json", json.dumps({**told, "person": person, "content": content}).encode())
        for path in self.folder.glob(f"{name}-*.ics"):
            if path.name != content:
                path.unlink(missing_ok=True)

    def find(self, person: str, written: str) -> Copy | None:
        """Return the copy of the calendar called *written*; None when there is none, or it has been damaged since."""
        name = self._name(person)
        try:
            told = json.loads((self.folder / f"{name}.json").read_bytes())
            content = (self.folder / str(told["content"])).read_bytes()
            whole = told["content"] == f"{name}-{hashlib.sha256(content).hexdigest()}.ics"
            texts = (told["written"], told["place"], told["etag"], told["modified"])
            if not whole or not all(isinstance(each, str) for each in texts) or told["written"] != written:
                return None
            return Copy(texts[0], texts[1], int(told["read_at"]), texts[2], texts[3], content)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def forget(self, person: str) -> None:
        """Delete the copy of somebody who has no calendar any more."""
        name = self._name(person)
        for path in (self.folder / f"{name}.json", *self.folder.glob(f"{name}-*.ics")):
            path.unlink(missing_ok=True)

    def people(self) -> frozenset[str]:
        """Return whose copies there are."""
        found = set()
        for path in self.folder.glob("*.json"):
            try:
                found.add(str(json.loads(path.read_bytes())["person"]))
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return frozenset(found)

    def _name(self, person: str) -> str:
        """Return what the files of *person* begin with: a name may be of any script and length."""
        return hashlib.sha256(person.encode()).hexdigest()[:16]
