"""Several rule files as one: reading them together, and showing what is wrong with them."""

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from rules.parse.sections import Draft
from rules.source import Mark, Problem
from rules.spec import FileSpec
from rules.yamltree import Scalar, Sequence, as_text, read_tree

LARGEST = 8 * 1024 * 1024
"""How many bytes all files may have together."""

MOST_PROBLEMS = 1000
"""How many mistakes are told at once; who has more reads no further."""

_MANY = 100_000

MOST_SHOWN = 200
"""How many are shown with their lines."""


def read_files(main: str, files: dict[str, bytes]) -> tuple[FileSpec | None, list[Problem]]:
    """
    Read *files* (name to content, *main* among them) as one set of rules, with every problem found.

    There is a spec as soon as all files can be read as YAML, also when it has errors, so that the checks
    (`rules.check.check_all`) can add theirs. It may only be compiled when no problem is an error.
    """
    problems: list[Problem] = []

    def report(problem: Problem) -> None:
        if len(problems) < MOST_PROBLEMS:
            problems.append(problem)

    size = sum(map(len, files.values()))
    if size > LARGEST:
        message = (
            f"the rule files have {size / 1024 / 1024:.1f} MB together, at most {LARGEST // 1024 // 1024} MB are read"
        )
        return None, [Problem("too-large", message, Mark(main, 1, 1))]
    draft = Draft(main, report)
    readable = True
    with uncollected():
        for name in [main, *(name for name in files if name != main)]:
            tree = read_tree(name, files[name], report)
            if tree is None:
                readable = False
            else:
                draft.add(tree)
    spec = draft.spec() if readable else None
    return spec, in_order(problems, main)


@contextmanager
def uncollected() -> Iterator[None]:
    """
    Hold off the cycle collector: it would walk hundreds of thousands of new things, none of them in a cycle, over and over.

    When they are as many as that, they are also set apart from what it walks through later.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            if gc.get_count()[0] > _MANY:
                gc.freeze()
            gc.enable()


def rule_globs(name: str, text: bytes) -> tuple[str, ...]:
    """Return the patterns of `rule_files:` in the main file; what is wrong with the file is `read_files`' to say."""
    if b"rule_files" not in text:
        return ()
    tree = read_tree(name, text, lambda _: None)
    node = tree.get("rule_files") if tree else None
    items = node.items if isinstance(node, Sequence) else [node]
    return tuple(item.text for item in items if isinstance(item, Scalar) and item.text)


def in_order(problems: Iterable[Problem], main: str) -> list[Problem]:
    """Sort *problems* as somebody mends them: the main file first, each from top to bottom."""
    return sorted(problems, key=lambda problem: (problem.at.file != main, problem.at, problem.code, problem.message))


def texts_of(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return *files* as text, as `show_all` wants them."""
    return {name: as_text(data) for name, data in files.items()}


def show_all(problems: Iterable[Problem], texts: Mapping[str, str], most: int = MOST_SHOWN) -> str:
    """
    Show *problems*, each with its line of *texts* (by file name) and a blank line between two; *most* of them.

    A secret that was written into a file is never shown, whichever problem of its line is.
    """
    problems = list(problems)
    lines = {name: texts[name].splitlines() for name in {problem.at.file for problem in problems} & set(texts)}
    for problem in problems:
        if problem.code == "secret-in-file":
            _hide(lines.get(problem.at.file, []), problem.at)
    shown = [problem.show_line(_line(lines.get(problem.at.file, []), problem.at)) for problem in problems[:most]]
    if len(problems) > most:
        shown.append(f"and {len(problems) - most} more")
    return "\n\n".join(shown)


def _line(lines: list[str], at: Mark) -> str:
    return lines[at.line - 1] if 0 < at.line <= len(lines) else ""


def _hide(lines: list[str], at: Mark) -> None:
    line, start = _line(lines, at), at.column - 1
    if line:
        end = min(len(line), start + at.width)
        lines[at.line - 1] = line[:start] + "*" * (end - start) + line[end:]
