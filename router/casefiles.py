"""The tests files a configuration names under `tests:`: finding them, and running them before new rules come into force."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import attrs

from rules.book import RuleBook
from rules.cases import CaseReport, run_cases
from rules.decode import quote
from rules.files import texts_of
from rules.source import Problem
from rules.spec import Word

LARGEST = 8 * 1024 * 1024
"""How many bytes one file of tests may have."""

_HINT = "a path counts from the folder of the main file"


@attrs.frozen
class CaseFiles:
    """Files of tests: *contents* by the name shown in messages, and what is wrong with finding them."""

    contents: Mapping[str, bytes]
    problems: tuple[Problem, ...] = ()


@attrs.frozen
class Proof:
    """
    What running the named tests came to; no *problems*: the rules may come into force.

    *report* is None when no tests are named. *texts* are the tests files as text.
    """

    report: CaseReport | None
    problems: tuple[Problem, ...]
    texts: Mapping[str, str]


Watch = Callable[[Path], object]
"""Is told each path the outcome depends on, before it is read: a file that changes meanwhile is seen to have changed."""


def nobody_watches(_path: Path) -> None:
    """Let a path be."""


def named_files(words: Iterable[Word], folder: Path, watch: Watch = nobody_watches) -> CaseFiles:
    """Read the files (or patterns) that `tests:` names, relative to the *folder* of the main file."""
    contents: dict[str, bytes] = {}
    problems: list[Problem] = []
    for word in words:
        paths = _matching(word.text, folder)
        if not paths:
            problems.append(Problem("missing-file", f"no file of tests fits {quote(word.text)}", word.at, _HINT))
        for path in paths:
            watch(path)
            content = read(path)
            if isinstance(content, str):
                problems.append(Problem("missing-file", f"the file of tests {path} {content}", word.at, _HINT))
            else:
                contents[str(path)] = content
    return CaseFiles(contents, tuple(problems))


def read(path: Path) -> bytes | str:
    """Return what the file of tests at *path* holds, or why it cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        return f"cannot be read: {(error.strerror or str(error)).lower()}"
    return content if len(content) <= LARGEST else f"is larger than {LARGEST // 1024 // 1024} MB"


def prove(book: RuleBook, words: Iterable[Word], folder: Path, now: int, watch: Watch = nobody_watches) -> Proof:
    """Run the tests that `tests:` (*words*) names against *book*; *now* is in UTC epoch seconds."""
    words = tuple(words)
    if not words:
        return Proof(None, (), {})
    files = named_files(words, folder, watch)
    report = run_cases(book, files.contents, now)
    problems = (*files.problems, *report.problems, *report.failures())
    return Proof(report, problems, texts_of(files.contents))


def _matching(written: str, folder: Path) -> list[Path]:
    """Return the files *written* means: one path, or all that fit a pattern within the folder."""
    if not any(char in written for char in "*?["):
        return [folder / written]
    if written.startswith("/") or ".." in written.split("/"):
        return []
    return [path for path in sorted(folder.glob(written)) if path.is_file()]
