"""A rule file as it stood in a git revision: `HEAD:config.yaml`, with the files it names, of that same revision."""

import hashlib
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

import attrs

from router.cli import Failure
from router.feeds.known import with_calendars
from router.files import LARGEST, Files
from rules.files import rule_globs
from rules.load import Loaded, load

GIT_PATIENCE = 60.0
"""Seconds git may take to hand out a file."""


def load_named(name: str) -> Loaded:
    """
    Load the rule file called *name*: a file on disk, or `REVISION:PATH` of the git repository one stands in.

    Calendars say what they say today, whichever revision names them.
    """
    if ":" in name and not Path(name).exists():
        revision = Revision.read(name)
        return with_calendars(
            revision.load(), Path(_told("rev-parse", "--show-toplevel").decode().strip(), revision.path)
        )
    return with_calendars(Files.read(Path(name)).load(), Path(name))


@attrs.frozen
class Revision:
    """A *revision* of the git repository, and the main file at *path* in it."""

    revision: str
    path: str
    texts: dict[str, bytes] = attrs.field(repr=False)

    @classmethod
    def read(cls, name: str) -> "Revision":
        """Read `REVISION:PATH` and every file its `rule_files` name; the command ends when git does not have it."""
        revision, _, path = name.partition(":")
        if not revision or not path or revision.startswith("-"):
            raise Failure(f"'{name}' is no file, and no REVISION:PATH of git either")
        path = _from_top(path)
        shown = f"{revision}:{path}"
        texts = {shown: _content(shown)}
        found = _paths(revision) if (patterns := rule_globs(shown, texts[shown])) else []
        folder = PurePosixPath(path).parent
        for pattern in patterns:
            for other in found:
                if _fits(PurePosixPath(other), folder / pattern) and f"{revision}:{other}" not in texts:
                    texts[f"{revision}:{other}"] = _content(f"{revision}:{other}")
        if sum(map(len, texts.values())) > LARGEST:
            raise Failure(f"the rule files of {revision} are larger than {LARGEST // 1024 // 1024} MB together")
        return cls(revision, path, texts)

    def load(self) -> Loaded:
        """Make a rule book of it, with the greetings of the same revision."""
        return load(f"{self.revision}:{self.path}", self.texts, self.media)

    def media(self, written: str) -> str | None:
        """Return `media:<sha256>.<ext>` for a greeting file of the revision; None when there is no such file."""
        place = PurePosixPath(self.path).parent / written
        asked = _git("cat-file", "blob", f"{self.revision}:{place}")
        if asked.returncode:
            return None
        return f"media:{hashlib.sha256(asked.stdout).hexdigest()}{place.suffix.lower()}"


def _from_top(path: str) -> str:
    """Return *path* counted from the top of the repository; one that begins with `./` or `../` counts from here, as in git."""
    if not path.startswith(("./", "../")):
        return path
    prefix = _told("rev-parse", "--show-prefix").decode().strip()
    parts: list[str] = []
    for part in PurePosixPath(prefix, path).parts:
        if part == ".." and parts:
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def _content(name: str) -> bytes:
    """Return a file of a revision."""
    return _told("cat-file", "blob", name)


def _paths(revision: str) -> list[str]:
    """Return every file of a revision, in order."""
    listed = _told("ls-tree", "-r", "-z", "--full-tree", "--name-only", revision)
    return sorted(path for path in listed.decode("utf-8", "surrogateescape").split("\0") if path)


def _fits(path: PurePosixPath, pattern: PurePosixPath) -> bool:
    """Say whether *path* fits *pattern* as a glob on disk does: `*` stays within a folder, `**` does not."""
    return _parts_fit(path.parts, pattern.parts)


def _parts_fit(path: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(_parts_fit(path[at:], pattern[1:]) for at in range(len(path) + 1))
    return bool(path) and fnmatchcase(path[0], pattern[0]) and _parts_fit(path[1:], pattern[1:])


def _told(*words: str) -> bytes:
    """Return what git answers; the command ends with its complaint when it has none."""
    asked = _git(*words)
    if asked.returncode:
        complaint = asked.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Failure(
            f"git has no {words[-1]}: {complaint[-1].removeprefix('fatal: ') if complaint else 'it gave no reason'}"
        )
    return asked.stdout


def _git(*words: str) -> "subprocess.CompletedProcess[bytes]":
    """Ask git."""
    try:
        return subprocess.run(["git", *words], capture_output=True, check=False, timeout=GIT_PATIENCE)  # noqa: S603, S607
    except FileNotFoundError:
        raise Failure("git is not installed; name two files instead") from None
    except subprocess.TimeoutExpired:
        raise Failure(f"git did not answer within {GIT_PATIENCE:.0f} seconds") from None
