"""From files on disk to everything that is swapped at once: rule book, compiled tables, settings with their secrets."""

from collections.abc import Mapping
from pathlib import Path

import attrs

from router.casefiles import prove
from router.feeds.known import with_calendars
from router.files import Files, UnreadableError, Watched, digest, hash_of
from router.quiet import let_go
from router.settings import Settings, settings_of
from rules.book import RuleBook
from rules.deciding import Timetable, window_around
from rules.load import Loaded
from rules.source import Problem

DEFAULT_STATE = "state"
"""Where the state folder is when the main file cannot even be read."""


@attrs.frozen(eq=False)
class InForce:
    """
    A rule book with everything made of the same files.

    *since* is when it came into force (UTC epoch seconds), *media* finds a greeting by `<sha256>.<ext>`, *beside* are the
    other files its content depends on. *digest* is what `Source.digest` returns as long as nothing on disk changes.
    """

    files: Files
    book: RuleBook
    timetable: Timetable
    settings: Settings
    since: float
    media: Mapping[str, Path]
    beside: frozenset[Path]
    digest: str

    def pieces(self) -> list[object]:
        """Return the thousands of things it consists of, to be let go one by one (`quiet.let_go`)."""
        return [*self.book.numbers.values(), *self.timetable.memory.known.values(), self.book.callers]


@attrs.frozen
class Refusal:
    """
    Files that cannot be taken into force.

    *shown* tells every problem with its line, for people. *state* is the state folder, as far as could be told.
    """

    files: Files | None
    problems: tuple[Problem, ...]
    shown: str
    state: Path
    beside: frozenset[Path] = frozenset()
    digest: str = ""


@attrs.frozen
class Source:
    """
    Where the rules come from: the *main* file on disk, and the *environment* secrets may stand in.

    *kept_here*: whatever is sent goes to a fake provider of this machine instead: its address, and the port of its mail server.
    """

    main: Path
    environment: Mapping[str, str]
    kept_here: tuple[str, int] | None = None

    def read(self, at: float) -> InForce | Refusal:
        """Read what is on disk now; never raises for what an administrator can have done."""
        try:
            return self.prepare(Files.read(self.main), at, tested=True)
        except UnreadableError as error:
            return Refusal(None, (), str(error), self.main.parent / DEFAULT_STATE, digest=str(error))

    def prepare(self, files: Files, at: float, *, tested: bool = False) -> InForce | Refusal:
        """
        Make everything that can fail of *files*, with time tables around *at* (UTC epoch seconds).

        *tested*: the administrator's own tests, if the files name any, must pass as well. Files that were in force already
        (the last good ones) are not tested again.
        """
        watched = Watched()
        loaded = files.load(watched)
        made = self._made(files, loaded, watched, at, tested=tested)
        written = pieces(loaded)
        del loaded
        let_go(written)
        return made

    def _made(self, files: Files, loaded: Loaded, watched: Watched, at: float, *, tested: bool) -> InForce | Refusal:
        """Go on from what was *loaded*."""
        problems = [problem for problem in loaded.problems if problem.severity == "error"]
        settings: Settings | None = None
        if loaded.spec is not None:
            settings, missing = settings_of(loaded.spec, self.main, self.environment, watched)
            told = {problem.at for problem in problems}
            problems += [problem for problem in missing if problem.at not in told]
        texts = dict(loaded.texts)
        if tested and loaded.book is not None and loaded.spec is not None:
            known = with_calendars(loaded, self.main).book
            assert known is not None
            proof = prove(known, loaded.spec.tests, files.folder, int(at), watched.add)
            texts |= proof.texts
            problems += proof.problems
        if settings is not None and self.kept_here is not None:
            settings = attrs.evolve(settings, sending=settings.sending.kept_here(*self.kept_here))
        beside, found = frozenset(watched.hashes), digest(files, watched.hashes)
        if loaded.book is None or settings is None or problems:
            shown = "\n\n".join(problem.show(texts.get(problem.at.file, "")) for problem in problems)
            written = loaded.spec.state.text if loaded.spec is not None else DEFAULT_STATE
            return Refusal(files, tuple(problems), shown, self.main.parent / written, beside, found)
        book = loaded.book
        return InForce(
            files=files,
            book=book,
            timetable=Timetable(book, window_around(int(at))),
            settings=settings,
            since=at,
            media={ref.removeprefix("media:"): files.place_of(written) for ref, written in book.media.items()},
            beside=beside,
            digest=found,
        )

    def digest(self, beside: frozenset[Path]) -> str:
        """Return the hash of what is on disk now, with the files *beside*."""
        try:
            return digest(Files.read(self.main), {path: hash_of(path) for path in beside})
        except UnreadableError as error:
            return str(error)


def pieces(loaded: Loaded) -> list[object]:
    """Return the thousands of things that were written and made, to be let go one by one (`quiet.let_go`)."""
    if loaded.spec is None:
        return []
    parts = [*loaded.spec.numbers.values(), *loaded.spec.groups.values(), *loaded.spec.people.values()]
    return [*parts, *loaded.book.numbers.values(), loaded.book.callers] if loaded.book else [*parts]
