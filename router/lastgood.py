"""The last good set of files, kept in the state folder: what the daemon starts from when somebody has broken a file."""

import hashlib
import json
from pathlib import Path

import attrs

from router.files import Files
from router.links import write_private

_MANIFEST = "manifest.json"


@attrs.frozen
class LastGood:
    """Keeps one set of rule files and the greetings they name, each under the hash of its content."""

    folder: Path

    def keep(self, files: Files, ruleset: str, greetings: tuple[str, ...]) -> None:
        """
        Keep *files* and the *greetings* they name instead of what was kept before.

        Contents first, then the manifest in one step: whenever the power fails, a whole set is found.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        texts = {name: self._store(text, "") for name, text in files.texts.items()}
        sounds = {name: self._store_file(files.place_of(name)) for name in greetings}
        manifest = {
            "ruleset": ruleset,
            "main": files.main,
            "folder": str(files.folder),
            "files": texts,
            "greetings": sounds,
        }
        write_private(self.folder / _MANIFEST, json.dumps(manifest, indent=1).encode())
        used = {_MANIFEST, *texts.values(), *sounds.values()}
        for path in self.folder.iterdir():
            if path.name not in used:
                path.unlink(missing_ok=True)

    def find(self) -> Files | None:
        """Return the files kept, or None when nothing was kept or it has been damaged since."""
        try:
            manifest = json.loads((self.folder / _MANIFEST).read_bytes())
            texts = {name: self._fetch(hash_) for name, hash_ in manifest["files"].items()}
            kept = {name: self.folder / stored for name, stored in manifest["greetings"].items()}
            return Files(manifest["main"], Path(manifest["folder"]), texts, kept)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def _store(self, content: bytes, suffix: str) -> str:
        name = hashlib.sha256(content).hexdigest() + suffix
        if not (self.folder / name).exists():
            write_private(self.folder / name, content)
        return name

    def _store_file(self, path: Path) -> str:
        return self._store(path.read_bytes(), path.suffix.lower())

    def _fetch(self, name: str) -> bytes:
        content = (self.folder / name).read_bytes()
        if hashlib.sha256(content).hexdigest() != name:
            raise ValueError(f"{name} has been changed")
        return content
