"""What the YAML reader could not read, said again for somebody who has never heard of tokens and scalars."""

import re

import yaml

from rules.source import Mark, Problem

_NO_SPACE = re.compile(r"^(\s*(?:- +)?[\w' -]+:)(?=[^\s:])")


def syntax_problem(file: str, text: str, error: yaml.MarkedYAMLError) -> Problem:
    """Turn *error*, found in *text*, into a problem at the place where the mistake most likely was made."""
    lines = [*text.splitlines(), ""]
    cause = error.problem or ""
    found = error.problem_mark
    assert found is not None  # the C parser always says where
    begun = error.context_mark or found
    at = _mark(file, lines, found.line, found.column)
    start = _mark(file, lines, begun.line, begun.column)
    here = lines[at.line - 1][at.column - 1 : at.column]

    if "tab character" in cause or here == "\t":
        return _problem(at, "a tab stands where spaces belong", "indent with spaces only")
    if cause.startswith("mapping values are not allowed"):
        return _stray_colon(at, lines)
    if cause.startswith("could not find expected ':'"):
        return _no_colon(file, lines, start.line)
    if "unexpected end of stream" in cause or "unexpected document indicator" in cause:
        return _problem(start, "the quote opened here is never closed", "put the same quote at the end of the text")
    if "<document start>" in cause:
        return _behind_the_end(at, lines)
    if cause.startswith("did not find expected ',' or"):
        return _not_closed(start, lines)
    if "expected node content" in cause:
        return _misplaced_bracket(at, start, here)
    if cause.startswith("did not find expected key") and _follows_quote(lines, at):
        return _problem(at, "text goes on after the closing quote", _QUOTE_HINT)
    if cause.startswith("did not find expected key") and here in ("]", "}"):
        return _problem(at, f"this {here} closes nothing", "remove it, or open the bracket it belongs to")
    if cause.startswith(("did not find expected key", "did not find expected '-'")):
        return _problem(at, "this line does not fit in with the lines above", _INDENT_HINT)
    for known, message, hint in _OTHERS:
        if known in cause:
            return _problem(at, message, hint)
    return _problem(at, "this cannot be read", "compare it with the lines around it")


_INDENT_HINT = "what belongs together begins in the same column; list items begin with `- `"
_QUOTE_HINT = "one pair of quotes around the whole text; to write ' inside of '…', double it"

_OTHERS = (
    ("cannot start any token", "a text cannot begin with this sign", "put the text in quotes"),
    ("block sequence entries are not allowed", "a list cannot begin in this place", "begin it on a line of its own"),
    ("unknown escape character", "a backslash means something else in these quotes", "use single quotes: '…'"),
    ("expected alphabetic or numeric", "& and * have a meaning of their own", "put the text in quotes"),
    ("expected comment or line break", "| and > have a meaning of their own", "put the text in quotes"),
    ("expected tag", "! has a meaning of its own", "put the text in quotes"),
    ("tag handle", "! has a meaning of its own", "put the text in quotes"),
    ("incompatible YAML", "this asks for a version of YAML that is not known here", "remove the line"),
)


def _problem(at: Mark, message: str, hint: str) -> Problem:
    return Problem("syntax", message, at, hint)


def _mark(file: str, lines: list[str], line: int, column: int) -> Mark:
    """Return a place inside the text, also when the reader stopped behind its end."""
    line = min(line, max(0, len(lines) - 2))
    return Mark(file, line + 1, min(column, len(lines[line])) + 1)


def _stray_colon(at: Mark, lines: list[str]) -> Problem:
    """`a: b: c`, or the line above lacks its colon or the space behind it."""
    if ": " in lines[at.line - 1][: at.column - 1]:
        return _problem(at, "a second `: ` in one line", "put the text in quotes if it holds a colon")
    above = _line_above(at, lines)
    if above and (_NO_SPACE.match(lines[above - 1]) or ":" not in lines[above - 1]):
        return _no_colon(at.file, lines, above)
    message = "this line is indented as if it belonged to the value above"
    return _problem(Mark(at.file, at.line, _indent(lines[at.line - 1]) + 1), message, _INDENT_HINT)


def _line_above(at: Mark, lines: list[str]) -> int:
    """Return the nearest line above that says something, 0 if there is none."""
    above = at.line - 1
    while above > 0 and not lines[above - 1].split("#")[0].strip():
        above -= 1
    return above


def _behind_the_end(at: Mark, lines: list[str]) -> Problem:
    """Text after `...`, or after a first line that is no `key: value`."""
    above = _line_above(at, lines)
    if above and ":" not in lines[above - 1] and not lines[above - 1].startswith(("...", "---")):
        return _no_colon(at.file, lines, above)
    return _problem(at, "nothing may follow the end of the document", "remove the line above with `...`, or this one")


def _no_colon(file: str, lines: list[str], line: int) -> Problem:
    """Line *line* has no `: `."""
    text = lines[line - 1]
    if glued := _NO_SPACE.match(text):
        at = Mark(file, line, glued.end() + 1)
        return _problem(at, "a space is missing after the colon", f"write `{glued[1].strip()} …`")
    at = Mark(file, line, _indent(text) + 1, max(1, len(text.strip())))
    return _problem(at, "a colon is missing in this line", "write `key: value`, with a space after the colon")


def _not_closed(start: Mark, lines: list[str]) -> Problem:
    opening = lines[start.line - 1][start.column - 1 : start.column]
    closing = "]" if opening == "[" else "}"
    message = f"the {opening} opened here is not closed, or a comma is missing behind it"
    return _problem(start, message, f"close it with {closing}, and put commas between the items")


def _misplaced_bracket(at: Mark, start: Mark, here: str) -> Problem:
    if here in ("]", "}"):
        return _problem(at, f"this {here} closes nothing", "remove it, or open the bracket it belongs to")
    if here == ",":
        return _problem(at, "nothing stands before this comma", "remove it, or put the text in quotes")
    return _problem(start, "a bracket opened here or before is not closed", "every [ needs its ] and every { its }")


def _follows_quote(lines: list[str], at: Mark) -> bool:
    return lines[at.line - 1][: at.column - 1].rstrip().endswith(("'", '"'))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
