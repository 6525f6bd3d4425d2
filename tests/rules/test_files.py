"""Several rule files as one, limits, and showing what is wrong."""

import gc
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.check import check_all
from rules.files import LARGEST, MOST_PROBLEMS, in_order, read_files, rule_globs, show_all, texts_of
from rules.source import Mark, Problem
from rules.spec import FileSpec

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "config.example.yaml").read_bytes()

MAIN = b"""public_url: https://phone.example.com
rule_files: [office/*.yaml, extra.yaml]
providers: {twilio: {adapter: twilio, secret: env:TOKEN}}
"""
OFFICE = b"""business: {name: Maple, timezone: America/New_York}
numbers: {boston: {number: "+1 617 555 0100", provider: twilio, calls: {open: {ring: anna}}}}
tests: office-tests.yaml
"""
PEOPLE = b"""people: {anna: {devices: {mobile: "+1 617 555 0141"}}}
tests: [people-tests.yaml, more.yaml]
"""


def read(**files: bytes) -> tuple[FileSpec | None, list[Problem]]:
    """Read and check files; `main` is the main one."""
    spec, problems = read_files("main.yaml", {f"{name}.yaml": text for name, text in files.items()})
    if spec:
        check_all(spec, problems.append)
    return spec, in_order(problems, "main.yaml")


def places(problems: list[Problem]) -> list[tuple[str, str]]:
    """Return code and place of each problem."""
    return [(problem.code, str(problem.at)) for problem in problems]


def test_the_example_has_no_mistake() -> None:
    """The file everybody starts from is free of errors and warnings."""
    spec, problems = read(main=EXAMPLE)

    assert spec
    assert problems == []


def test_several_files_are_one() -> None:
    """Names of all files are known in all, and `tests:` gather."""
    spec, problems = read(main=MAIN, office=OFFICE, people=PEOPLE)

    assert problems == []
    assert spec
    assert spec.main == "main.yaml"
    assert [word.text for word in spec.tests] == ["office-tests.yaml", "people-tests.yaml", "more.yaml"]
    assert spec.people["anna"].at == Mark("people.yaml", 1, 10, 4)
    assert spec.names["numbers"] == {"boston": Mark("office.yaml", 2, 11, 6)}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param(b"safety: {max_legs: 3}", [("main-file-only", "more.yaml:1:1")], id="ops' section elsewhere"),
        pytest.param(b"rule_files: [x.yaml]", [("main-file-only", "more.yaml:1:1")], id="files named elsewhere"),
        pytest.param(b"people: {anna: {}}", [("name-twice", "more.yaml:1:10")], id="a name twice"),
        pytest.param(
            b"business: {name: Pine, timezone: Europe/London}",
            [("section-twice", "more.yaml:1:1")],
            id="two businesses",
        ),
        pytest.param(b"version: 1", [], id="the version in each file"),
        pytest.param(b"version: 2", [("bad-value", "more.yaml:1:10")], id="another version"),
        pytest.param(b"{", [("syntax", "more.yaml:1:1")], id="a broken file"),
        pytest.param(b"plans: {ice: {calls: [{ring: bob}]}}", [("unknown-name", "more.yaml:1:30")], id="unknown name"),
    ],
)
def test_mistakes_between_files(more: bytes, expected: list[tuple[str, str]]) -> None:
    """What contradicts another file is told at its place; the hint names the other."""
    spec, problems = read(main=MAIN, office=OFFICE, people=PEOPLE, more=more)

    assert places(problems) == expected
    assert (spec is None) == (expected == [("syntax", "more.yaml:1:1")])


def test_problems_are_in_order() -> None:
    """The main file comes first, then the others by name, each from top to bottom."""
    _, problems = read(main=b"x: 1\ny: 2\n", b=b"x: 1", a=b"x: 1")

    assert [str(problem.at) for problem in problems if problem.code == "unknown-key"] == [
        "main.yaml:1:1",
        "main.yaml:2:1",
        "a.yaml:1:1",
        "b.yaml:1:1",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"rule_files: [office/*.yaml, x.yaml]", ("office/*.yaml", "x.yaml")),
        (b"rule_files: office/*.yaml", ("office/*.yaml",)),
        (b"# rule_files: [x.yaml]\na: b", ()),
        (b"people: {}", ()),
        (b"rule_files: {a: b}", ()),
        (b"rule_files: [", ()),
    ],
    ids=["a list", "one", "a comment", "none", "a mapping", "a broken file"],
)
def test_which_files_belong_to_a_main_file(text: bytes, expected: tuple[str, ...]) -> None:
    """The patterns are found before anything else is read; mistakes wait until then."""
    assert rule_globs("main.yaml", text) == expected


def test_too_large() -> None:
    """Eight megabytes are read, a byte more is refused at once."""
    spec, problems = read_files("main.yaml", {"main.yaml": b"#" * LARGEST, "more.yaml": b"#"})

    assert spec is None
    assert places(problems) == [("too-large", "main.yaml:1:1")]
    assert places(read_files("main.yaml", {"main.yaml": b"#" * LARGEST})[1]) == [("empty-file", "main.yaml:1:1")]


def test_so_many_mistakes() -> None:
    """Reading stops to tell after a thousand mistakes, and shows some of them."""
    text = b"".join(b"key%d: 1\n" % number for number in range(2 * MOST_PROBLEMS))

    _, problems = read_files("main.yaml", {"main.yaml": text})

    assert len(problems) == MOST_PROBLEMS
    shown = show_all(problems, {"main.yaml": text.decode()}, most=2)
    assert shown.count(": error: ") == 2
    assert shown.endswith(f"\n\nand {MOST_PROBLEMS - 2} more")


def test_a_secret_is_never_shown() -> None:
    """Neither its own problem nor another one of the line shows a secret; nor does a file that is not at hand matter."""
    files = {
        "main.yaml": b"providers: {x: {adapter: telex, secret: hunter2hunter2}}\nbusiness: {name: A, timezone: UTC}"
    }
    _, problems = read_files("main.yaml", files)

    assert {problem.code for problem in problems} == {"bad-value", "secret-in-file"}
    for shown in (show_all(problems, texts_of(files)), show_all(problems, {}), *(p.message for p in problems)):
        assert "hunter2" not in shown
    own = next(problem for problem in problems if problem.code == "secret-in-file")
    assert "hunter2" not in own.show(files["main.yaml"].decode())


def test_a_long_line_is_shown_in_part() -> None:
    """Of a very long line only what surrounds the place is shown, with the caret below it."""
    text = "x" * 1000 + "HERE" + "y" * 1000
    problem = Problem("code", "message", Mark("f.yaml", 1, 1001, 4))

    _, line, caret = problem.show(text).splitlines()

    assert len(line) < 200
    assert line[caret.index("^") : caret.index("^") + 4] == "HERE"
    assert caret.count("^") == 4


@pytest.mark.parametrize("collecting", [True, False], ids=["on", "off"])
def test_the_collector_is_left_as_it_was(collecting: bool) -> None:
    """Reading pauses the cycle collector and puts it back."""
    was = gc.isenabled()
    (gc.enable if collecting else gc.disable)()
    try:
        read_files("main.yaml", {"main.yaml": EXAMPLE})

        assert gc.isenabled() is collecting
    finally:
        (gc.enable if was else gc.disable)()


LINES = EXAMPLE.decode().splitlines()
TOKENS = [token for line in LINES for token in re.findall(r"[\w.+-]+|\S", line.split("#")[0])]


@st.composite
def edited(draw: st.DrawFn) -> bytes:
    """Draw the example with a few lines deleted, doubled or moved, and words replaced by others of the file."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["delete", "double", "move", "word", "cut", "indent"])):
            case "delete":
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
            case "word":
                words = re.findall(r"[\w.+-]+|\S", lines[at])
                if words:
                    lines[at] = lines[at].replace(draw(st.sampled_from(words)), draw(st.sampled_from(TOKENS)), 1)
            case "cut":
                lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
            case _:
                lines[at] = draw(st.sampled_from(["", " ", "   ", "\t"])) + lines[at].lstrip()
    return "\n".join(lines).encode()


@settings(max_examples=150, deadline=None)
@given(edited())
def test_any_edit_of_the_example(text: bytes) -> None:
    """However the example is edited, there is a spec or an error, every place lies in the file, and nothing is raised."""
    spec, problems = read(main=text)
    lines = [*text.decode().splitlines(), ""]

    assert spec or any(problem.severity == "error" for problem in problems)
    for problem in problems:
        assert 1 <= problem.at.line <= len(lines)
        assert 1 <= problem.at.column <= len(lines[problem.at.line - 1]) + 1
        assert problem.message
        assert "None" not in problem.message
    assert show_all(problems, {"main.yaml": text.decode()}).count("[") >= len(problems)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    """Random bytes are no rule file, and are told so."""
    _, problems = read(main=data)

    assert problems
    show_all(problems, texts_of({"main.yaml": data}))
