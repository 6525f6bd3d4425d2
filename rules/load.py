"""The one way from files to a rule book, for the daemon and for every command; all mistakes at once."""

from collections.abc import Callable, Mapping
from hashlib import sha256

import attrs

from rules.book import RuleBook
from rules.check import check_all
from rules.compile import compile_book
from rules.files import in_order, read_files, texts_of, uncollected
from rules.source import Mark, Problem
from rules.spec import FileSpec, PlaySpec

Media = Callable[[str], str | None]


@attrs.frozen(eq=False)
class Loaded:
    """
    What came of a set of files.

    *book* is None when there is any error; *spec* when not even the shape could be read. *texts* are the files as text, for
    showing problems with their lines. *ruleset* is `sha256:…` over all the files, also when they are wrong.
    """

    book: RuleBook | None
    spec: FileSpec | None
    problems: tuple[Problem, ...]
    texts: Mapping[str, str]
    ruleset: str

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the files from being used."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def load(main: str, files: Mapping[str, bytes], media: Media) -> Loaded:
    """
    Read, check and compile *files* (name -> bytes), of which *main* is the main one.

    *media* takes a greeting file as written and returns `media:<sha256>.<ext>`, or None when there is no such file.
    Never raises for anything that stands in a file.
    """
    book = None
    ruleset = digest(main, files)
    with uncollected():
        spec, problems = read_files(main, dict(files))
        if spec:
            check_all(spec, problems.append)
            problems += missing_media(spec, media)
            if not any(problem.severity == "error" for problem in problems):
                book = compile_book(spec, ruleset, media)
    return Loaded(book, spec, tuple(in_order(problems, main)), texts_of(files), ruleset)


def digest(main: str, files: Mapping[str, bytes]) -> str:
    """Name a set of files by its content: the main file first, the others by name, wherever they lie."""
    hashed = sha256()
    for name in sorted(files, key=lambda name: (name != main, name)):
        hashed.update(b"%d\n" % len(files[name]))
        hashed.update(files[name])
    return f"sha256:{hashed.hexdigest()}"


def missing_media(spec: FileSpec, media: Media) -> list[Problem]:
    """Report greeting files that are named and not there."""
    greetings = [box.greeting for box in spec.boxes.values()]
    return [
        Problem(
            "missing-file",
            f"there is no file '{step.source.text}' to play",
            missing_at(step),
            "a path counts from the folder of the main file; or write a https:// address",
        )
        for step in (*spec.call_steps, *greetings)
        if isinstance(step, PlaySpec)
        and not step.source.text.startswith("https://")
        and media(step.source.text) is None
    ]


def missing_at(step: PlaySpec) -> Mark:
    """Say where the file is named."""
    return step.source.at
