"""YAML into nodes that know their place; what YAML could do beyond that is refused."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.source import Mark, Problem
from rules.yamltree import Mapping, Node, Scalar, Sequence, as_text, read_tree


def read(text: str | bytes) -> tuple[Mapping | None, list[Problem]]:
    """Read one file called `f.yaml`."""
    problems: list[Problem] = []
    return read_tree("f.yaml", text if isinstance(text, bytes) else text.encode(), problems.append), problems


def plain(node: Node | None) -> object:
    """Return a node as plain values."""
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.text if node else None


@pytest.mark.parametrize(
    "text",
    [
        "10:00",
        "9:00",
        "17:30",
        "+16175550100",
        "0042",
        "no",
        "on",
        "NO",
        "1e3",
        "2026-12-24",
        "~",
        "null",
        ".5",
        "0x10",
    ],
)
def test_every_value_stays_text(text: str) -> None:
    """What YAML would make a number, a date or a truth value of stays as it was written, as a key too."""
    tree, problems = read(f"a: {text}\n{text}: b\n")

    assert (plain(tree), problems) == ({"a": text, text: "b"}, [])


def test_places_and_quotes() -> None:
    """Each node knows line, column and width; quotes count to the width."""
    tree, _ = read("one: plain\ntwo: [\"q\", 'it']\nthree:\n  four: x\n")

    assert tree
    assert tree.at == Mark("f.yaml", 1, 1)
    one, two, three = (value for _, value in tree.entries)
    assert isinstance(one, Scalar)
    assert (one.at, one.quoted) == (Mark("f.yaml", 1, 6, 5), False)
    assert isinstance(two, Sequence)
    assert two.at == Mark("f.yaml", 2, 6)
    assert [(item.text, item.quoted, item.at.column, item.width) for item in two.items if isinstance(item, Scalar)] == [
        ("q", True, 7, 3),
        ("it", True, 12, 4),
    ]
    assert isinstance(three, Mapping)
    assert three.get("four") is not None
    assert three.get("five") is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\ufeffa: b\nc: d\n", id="a byte order mark"),
        pytest.param("a: b\r\nc: d\r\n", id="line ends of Windows"),
        pytest.param("a: b\rc: d\r", id="line ends of old Macs"),
        pytest.param("%YAML 1.1\n---\na: b\nc: d\n...\n", id="a document with its marks"),
        pytest.param("# a comment\n\na: b   # another\nc: d", id="comments"),
    ],
)
def test_other_ways_to_write_the_same(text: str) -> None:
    """What editors add changes nothing."""
    tree, problems = read(text)

    assert (plain(tree), problems) == ({"a": "b", "c": "d"}, [])


@pytest.mark.parametrize(
    ("text", "expected", "left"),
    [
        pytest.param("a: 1\nb: 2\na: 3", [("duplicate-key", 3, 1)], {"a": "1", "b": "2"}, id="a key twice"),
        pytest.param("a: &x 1\nb: 2", [("anchor", 1, 4)], {"a": "1", "b": "2"}, id="an anchor"),
        pytest.param("a: &x [1]", [("anchor", 1, 4)], {"a": ["1"]}, id="an anchor on a list"),
        pytest.param("a: *x\nb: 2", [("alias", 1, 4)], {"b": "2"}, id="an alias"),
        pytest.param("a: [1, *x, 2]", [("alias", 1, 8)], {"a": ["1", "2"]}, id="an alias in a list"),
        pytest.param("*x : 1\nb: 2", [("alias", 1, 1)], {"b": "2"}, id="an alias as a key"),
        pytest.param("<<: {c: 3}\nb: 2", [("merge-key", 1, 1)], {"b": "2"}, id="a merge key"),
        pytest.param("'<<': 3\nb: 2", [], {"<<": "3", "b": "2"}, id="a quoted merge key is text"),
        pytest.param("a: !!int 1", [("tag", 1, 4)], {"a": "1"}, id="a tag"),
        pytest.param("a: !x {b: 1}", [("tag", 1, 4)], {"a": {"b": "1"}}, id="a tag on a mapping"),
        pytest.param("[1]: 2\nb: 2", [("bad-key", 1, 1)], {"b": "2"}, id="a list as a key"),
        pytest.param("{c: 1}: 2\nb: 2", [("bad-key", 1, 1)], {"b": "2"}, id="a mapping as a key"),
        pytest.param("a: 1\n---\nb: 2", [("second-document", 2, 1)], {"a": "1", "b": "2"}, id="a second document"),
        pytest.param("a: 1\n--- b", [("second-document", 2, 1)], {"a": "1"}, id="a second document of text"),
        pytest.param("--- *x", [("alias", 1, 5), ("empty-file", 1, 1)], None, id="nothing but an alias"),
        pytest.param("", [("empty-file", 1, 1)], None, id="nothing"),
        pytest.param("---\n", [("empty-file", 1, 1)], None, id="an empty document"),
        pytest.param("- a", [("wrong-shape", 1, 1)], None, id="a list"),
        pytest.param("text", [("wrong-shape", 1, 1)], None, id="one text"),
    ],
)
def test_what_is_refused(text: str, expected: list[tuple[str, int, int]], left: object) -> None:
    """What hides the meaning of a file is told with its place and left out; the reading goes on."""
    tree, problems = read(text)

    assert [(problem.code, problem.at.line, problem.at.column) for problem in problems] == expected
    assert plain(tree) == left


@pytest.mark.parametrize(
    ("data", "code", "line", "column"),
    [
        pytest.param(b"a: b\nc: \xff\n", "not-utf8", 2, 4, id="a byte that is no UTF-8"),
        pytest.param("a: b".encode("utf-16"), "not-utf8", 1, 1, id="UTF-16"),
        pytest.param(b"a: b\n\xc3", "not-utf8", 2, 1, id="cut in a letter"),
        pytest.param(b"a: b\nc: x\x00y", "control-character", 2, 5, id="NUL"),
        pytest.param(b"a: \x1b[2J", "control-character", 1, 4, id="an escape"),
        pytest.param(b"a: \x0cb", "control-character", 1, 4, id="a form feed"),
        pytest.param("a: \ufffe".encode(), "control-character", 1, 4, id="a turned byte order mark"),
        pytest.param(
            b"a: " + b"b" * 65532 + b"\x07", "control-character", 1, 65536, id="a bell, last of the first step"
        ),
        pytest.param(
            b"a: " + b"b" * 65533 + b"\x07", "control-character", 1, 65537, id="a bell, first of the next step"
        ),
    ],
)
def test_what_is_no_text(data: bytes, code: str, line: int, column: int) -> None:
    """Bytes that are no text are refused at their place."""
    tree, problems = read(data)

    assert tree is None
    assert [(problem.code, problem.at.line, problem.at.column) for problem in problems] == [(code, line, column)]


HOSTILE = {
    "thirty thousand brackets": "[" * 30_000,
    "thirty thousand braces": "{" * 30_000,
    "thirty thousand dashes": "- " * 30_000,
    "thirty thousand question marks": "? " * 30_000,
    "brackets and braces in turn": "[{" * 15_000,
    "deep indentation": "\n".join(" " * depth + "a:" for depth in range(1000)),
    "a bomb of merge keys": "a: &a {x: 1}\n" + "".join(f"b{n}: &b{n} {{<<: [*a, *a]}}\n" for n in range(12)),
    "a bomb of aliases": "a: &a [x]\n" + "".join(f"b{n}: &b{n} [{'*a, ' * 9}]\n" for n in range(20)),
    "an object of Python": "a: !!python/object/apply:os.system [echo]",
    "a number of five thousand digits": "a: " + "9" * 5000,
    "a date that is none": "a: 2026-13-45",
    "a key of a megabyte": "x" * 1_000_000 + ": 1",
    "a hundred thousand keys": "".join(f"k{n}: 1\n" for n in range(100_000)),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files(text: str) -> None:
    """What crashes or stalls other readers is read or refused at a place, in a few seconds even on a busy machine."""
    begun = time.process_time()

    _tree, problems = read(text)

    assert time.process_time() - begun < 5
    assert all(problem.at.line >= 1 and problem.at.column >= 1 for problem in problems)


@pytest.mark.parametrize(("depth", "codes"), [(50, []), (51, ["too-deep"])], ids=["fifty levels", "one more"])
def test_depth(depth: int, codes: list[str]) -> None:
    """Fifty levels are read, one more is refused."""
    nested = "a: " + "[" * (depth - 1) + "]" * (depth - 1)

    assert [problem.code for problem in read(nested)[1]] == codes


def test_text_for_showing() -> None:
    """A file is shown without byte order mark and with a stand-in for what is no UTF-8."""
    assert as_text(b"\xef\xbb\xbfa: \xff") == "a: \ufffd"


def nodes(node: Node) -> Iterator[Node]:
    """Yield *node* and everything in it."""
    yield node
    if isinstance(node, Mapping):
        for key, value in node.entries:
            yield key
            yield from nodes(value)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from nodes(item)


@given(st.one_of(st.binary(max_size=200), st.text("ab:-[]{}&*!|>'\"%@`#?,\n\t \r\u2028é", max_size=60).map(str.encode)))
def test_any_bytes_are_answered(data: bytes) -> None:
    """Whatever the bytes, there is a tree or a problem, and every place lies in the file."""
    tree, problems = read(data)
    lines = [*as_text(data).splitlines(), ""]

    assert tree or problems
    for mark in [*(problem.at for problem in problems), *(node.at for node in (nodes(tree) if tree else ()))]:
        assert 1 <= mark.line <= len(lines)
        assert 1 <= mark.column <= len(lines[mark.line - 1]) + 1
