"""Where something was written, and how a mistake is told to the person who wrote it."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Literal, NamedTuple

import attrs

Severity = Literal["error", "warning", "note"]
"""An error keeps a file from being used; a warning is most likely a mistake; a note is true, and may well be meant."""


class Mark(NamedTuple):
    """A place in a rule file; lines and columns count from 1, *width* is how much to underline."""

    file: str
    line: int
    column: int
    width: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@attrs.frozen
class Problem:
    """One mistake in a rule file, written for the person who made it."""

    code: str
    message: str
    at: Mark
    hint: str | None = None
    severity: Severity = "error"

    def headline(self) -> str:
        """Say it in one line: `file:line:col: error: message [code]`."""
        return f"{self.at}: {self.severity}: {self.message} [{self.code}]"

    def show(self, text: str) -> str:
        """Say it with the offending line of *text* (the whole file), a caret under it, and the way out."""
        lines = text.splitlines()
        return self.show_line(lines[self.at.line - 1] if 0 < self.at.line <= len(lines) else "")

    def show_line(self, line: str) -> str:
        """Say it with *line*, the one it is in; a secret written there is not shown again."""
        start = min(self.at.column, len(line) + 1) - 1
        width = max(1, min(self.at.width, len(line) - start))
        if self.code == "secret-in-file":
            line = line[:start] + "*" * len(line[start : start + width]) + line[start + width :]
        gutter = " " * len(str(self.at.line))
        line, start = _window(line, start)
        caret = " " * start + "^" * max(1, min(width, len(line) - start))
        shown = [self.headline()]
        if line:
            shown += [f" {self.at.line} | {printable(line)}", f" {gutter} | {caret}"]
        if self.hint:
            shown.append(f" {gutter} = hint: {self.hint}")
        return "\n".join(shown)


def _window(line: str, start: int, widest: int = 160) -> tuple[str, int]:
    """Cut a very long *line* down to what surrounds position *start*, and say where the position is then."""
    begin = 0 if start < widest // 2 or len(line) <= widest else start - widest // 2
    return line[begin : begin + widest], start - begin


Report = Callable[[Problem], None]
"""Takes a problem and lets the reading go on, so that all mistakes are told at once."""


def printable(text: str) -> str:
    """Replace what a terminal would obey or hide (tabs, escapes, bidi marks), one character for one."""
    if text.isprintable():
        return text
    return text.translate({ord(char): " " if char == "\t" else "?" for char in set(text) if not char.isprintable()})


def closest(word: str, choices: list[str]) -> str | None:
    """Name the one of *choices* the writer most likely meant, or None."""
    folded = {choice.casefold(): choice for choice in choices}
    found = get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None
