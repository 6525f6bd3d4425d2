"""Reading a configuration from disk: the main file, the files its `rule_files` name, and greetings, all by content."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import attrs

from rules.files import rule_globs
from rules.load import Loaded, load

LARGEST = 8 * 1024 * 1024
"""All rule files together; more than this is refused before anything of it is parsed."""


class UnreadableError(Exception):
    """The files cannot be read at all; the text says which and why, for an administrator."""


@attrs.frozen
class Files:
    """
    What stood on disk at one moment: every rule file's bytes by the name shown in messages, the *main* one first.

    Greetings are found relative to *folder*, except those *kept* elsewhere (by the name written in the rules).
    """

    main: str
    folder: Path
    texts: dict[str, bytes] = attrs.field(repr=False)
    kept: Mapping[str, Path] = attrs.field(factory=dict)

    @classmethod
    def read(cls, main: Path) -> "Files":
        """Read *main* and every file its `rule_files` name; raise `UnreadableError` when that fails."""
        texts = {str(main): _content(main)}
        for pattern in _patterns(texts[str(main)]):
            for path in sorted(main.parent.glob(pattern)):
                if path.is_file() and str(path) not in texts:
                    texts[str(path)] = _content(path)
        if sum(map(len, texts.values())) > LARGEST:
            raise UnreadableError(f"the rule files are larger than {LARGEST // 1024 // 1024} MB together")
        return cls(str(main), main.parent, texts)

    def load(self, watched: "Watched | None" = None) -> Loaded:
        """Make a rule book of them, or say everything that is wrong; *watched* collects the greeting files looked for."""
        seen = watched or Watched()

        def media(written: str) -> str | None:
            place = self.place_of(written)
            found = seen.add(place)
            return f"media:{found}{place.suffix.lower()}" if found else None

        return load(self.main, self.texts, media)

    def place_of(self, written: str) -> Path:
        """Return where the greeting file named *written* lies."""
        return self.kept.get(written) or self.folder / written


@attrs.frozen
class Watched:
    """
    The files beside the rule files that what was made of them depends on: greetings, secrets, tests.

    *hashes* are from when each was first looked for, so a file that is still being copied meanwhile is seen to change.
    """

    hashes: dict[Path, str | None] = attrs.field(factory=dict)

    def add(self, path: Path) -> str | None:
        """Watch *path* from now on; return the hash of its content, None when it cannot be read."""
        if path not in self.hashes:
            self.hashes[path] = hash_of(path)
        return self.hashes[path]


def hash_of(path: Path) -> str | None:
    """Return the SHA-256 (hexadecimal) of a file's content, or None when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def digest(files: Files, beside: Mapping[Path, str | None]) -> str:
    """
    Return one hash over the content of *files* and of the files *beside* them, of which the hashes are given.

    By content, since editors and container platforms replace files in ways that neither time stamps nor a watch on the
    file itself tells reliably.
    """
    whole = hashlib.sha256()
    for name, text in files.texts.items():
        whole.update(f"{name}\0{len(text)}\0".encode("utf-8", "surrogateescape"))
        whole.update(text)
    for path in sorted(beside):
        whole.update(f"{path}\0{beside[path]}\0".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be read: {(error.strerror or str(error)).lower()}") from error
    if len(content) > LARGEST:
        raise UnreadableError(f"{path}: larger than {LARGEST // 1024 // 1024} MB")
    return content


def _patterns(text: bytes) -> tuple[str, ...]:
    """Return the patterns of `rule_files` that stay within the folder; what is wrong with others is told by loading."""
    return _within_folder(text) if b"rule_files" in text else ()


# One text is remembered: the poll for changes reads the same one every few seconds, and parsing is what takes long.
@lru_cache(maxsize=1)
def _within_folder(text: bytes) -> tuple[str, ...]:
    patterns = rule_globs("", text)
    return tuple(each for each in patterns if not each.startswith("/") and ".." not in each.split("/"))
