"""`switchhook timeline`: lines, JSON and the pictures; what they hold, and that they are well-formed."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from router.cli import Context, main
from router.commands.timeline import Asked, week_from
from router.picture.scene import scene_of
from router.picture.terminal import poster

CONFIG = Path(__file__).resolve().parents[2] / "config.example.yaml"
CHRISTMAS = ["--now", "2026-12-24 00:00", "--days", "1"]
WEEK = ["--now", "2026-12-21 10:00"]
SVG = "{http://www.w3.org/2000/svg}"


def run(*args: str, config: Path = CONFIG, columns: int = 120) -> Result:
    """Run one command on a terminal of some width."""
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(main, ["-c", str(config), "timeline", *args])


def test_a_line_for_each_change() -> None:
    """As an administrator reads it."""
    result = run("--to", "boston", "--from", "+1 212 555 0100", "--call", *CHRISTMAS)

    assert result.exit_code == 0
    assert result.stdout.splitlines()[1:] == [
        "",
        "Thu 24 Dec 00:00  boston.calls.closed  voicemail main",
        "Thu 24 Dec 09:00  boston.calls.open    ring front (in-turn: dana) -> ring everyone (all-at-once: dana, eli) -> voicemail main",
        "Thu 24 Dec 10:00  boston.calls.open    ring front (in-turn: dana, ben) -> ring everyone (all-at-once: ben, dana, eli) -> voicemail main",
        "Thu 24 Dec 12:00  boston.calls.closed  voicemail main",
    ]


def test_the_same_as_json() -> None:
    """A list of stretches that touch, also for a text to a number named by its digits."""
    told = json.loads(
        run("--to", "+1 617 555 0100", "--from", "+12125550100", "--text", "hi", "--json", *CHRISTMAS).stdout
    )

    assert [turn["rule"] for turn in told] == [
        "boston.texts.closed",
        "boston.texts.open",
        "boston.texts.open",
        "boston.texts.closed",
    ]
    assert [turn["until"] for turn in told[:-1]] == [turn["from"] for turn in told[1:]]
    assert told[1]["delivers"] == ["dana"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(["--to", "bostn", "--from", "x", "--call"], "did you mean 'boston'?", id="a typing slip"),
        pytest.param(["--to", "zzz", "--week"], "no number called 'zzz'", id="nothing alike"),
        pytest.param(["--to", "boston", "--call"], "say --to and --from", id="nobody calls"),
        pytest.param(["--to", "boston", "--from", "x", "--call", "--text", "y"], "either --call or", id="both"),
        pytest.param(["--to", "boston", "--from", "x", "--call", "--now", "soon"], "no moment", id="no moment"),
    ],
)
def test_wrong_usage_is_told(args: list[str], said: str) -> None:
    """Exit 2 and a sentence."""
    result = run(*args)

    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def test_a_broken_file_has_no_timeline(tmp_path: Path) -> None:
    """The mistakes are shown instead."""
    broken = tmp_path / "config.yaml"
    broken.write_text(CONFIG.read_text("utf-8").replace("cover: ben", "cover: benn"), "utf-8")

    assert run("--week", config=broken).exit_code == 1


# ---------------------------------------------------------------- the picture


@pytest.fixture
def gaps(tmp_path: Path) -> Path:
    """Return a company with hours in which it is open and nobody answers, and one who answers at night."""
    text = CONFIG.read_text("utf-8")
    begin, end = text.index("      open:\n        - ring: front"), text.index("    texts:\n      open: {to: front}")
    config = tmp_path / "config.yaml"
    config.write_text(
        f"{text[:begin]}      open: [{{ring: ben}}]\n      closed: [{{ring: on-call}}]\n{text[end:]}", "utf-8"
    )
    return config


def test_the_week_in_letters() -> None:
    """Readable without colours: names, dots, dashes, at a quarter of an hour."""
    lines = run("--week", *WEEK).stdout.splitlines()

    assert lines[:2] == [
        "Maple & Pine Interiors: who answers when",
        "Calls from an ordinary number, Mon 21 Dec to Sun 27 Dec 2026",
    ]
    thursday = next(line for line in lines if line.strip().startswith("Thu 24"))
    assert thursday == f"      Thu 24 ..closed{'.' * 28}|dan|dana, b..closed{'.' * 40}"
    assert any("|away, chloe covers---" in line for line in lines)
    assert "\x1b" not in "\n".join(lines)


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_it_fits_the_terminal(columns: int, gaps: Path) -> None:
    """At any width a gap is shown, however short."""
    lines = run("--week", "--now", "2026-11-30 00:00", config=gaps, columns=columns).stdout.splitlines()

    rows = [line for line in lines if re.match(r" +(Mon|Tue) \d+ [|.]", line)]
    assert rows
    assert all(len(row) <= columns for row in rows)
    assert "|no" in rows[0] or "!" in rows[0]


def pictures(folder: Path, *args: str, config: Path = CONFIG) -> tuple[str, str]:
    """Draw both files."""
    svg, html = folder / "week.svg", folder / "week.html"
    result = run("--svg", str(svg), "--html", str(html), *args, config=config)
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    return svg.read_text("utf-8"), html.read_text("utf-8")


def bars(svg: str) -> list[tuple[str, float, float, str]]:
    """Return class, place, width and title of every bar."""
    found = []
    for group in ET.fromstring(svg).iter(f"{SVG}g"):
        title, box = group.find(f"{SVG}title"), group.find(f"{SVG}rect")
        if title is not None and box is not None:
            found.append((str(box.get("class")), float(box.get("x", 0)), float(box.get("width", 0)), str(title.text)))
    return found


def test_places_are_exact(tmp_path: Path) -> None:
    """A bar begins and ends at its minute, not at a cell; its title says what it is."""
    svg, _ = pictures(tmp_path, *WEEK)
    track = 1200 - 2 * 28 - 104
    (bar,) = [bar for bar in bars(svg) if bar[3] == "Mon 21 Dec 13:00-17:00: dana, then eli"]

    assert bar[1] == pytest.approx(132 + track * 13 / 24, abs=0.01)
    assert bar[2] == pytest.approx(track * 4 / 24, abs=0.01)


def test_the_svg_stands_alone(tmp_path: Path) -> None:
    """Well-formed, described for a screen reader, dark and light, nothing from elsewhere."""
    svg, _ = pictures(tmp_path, *WEEK)
    root = ET.fromstring(svg)

    assert root.get("role") == "img"
    assert root.find(f"{SVG}title") is not None
    assert root.find(f"{SVG}desc") is not None
    assert "prefers-color-scheme:dark" in svg
    assert not re.search(r"(href|src|url\()=?[\"']?(https?:|//)", svg.replace("http://www.w3.org/2000/svg", ""))


class Reader(HTMLParser):
    """Collects what stands in a page, and whether every tag is closed."""

    VOID = {"meta", "br", "hr", "img", "link", "input"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("td", "th"):
            self.cells.append(data)


def test_the_page_stands_alone(tmp_path: Path) -> None:
    """Well-formed, a real table beside each picture, dark and light, for paper, nothing from elsewhere."""
    _, html = pictures(tmp_path, *WEEK)
    reader = Reader()
    reader.feed(html)

    assert reader.open == []
    names = [tag for tag, _ in reader.tags]
    assert names.count("table") == 3
    assert not {"script", "link", "img", "iframe"} & set(names)
    assert {"role": "img"}.items() <= next(attrs for _, attrs in reader.tags if attrs.get("class") == "grid").items()
    assert "Mon 21 Dec 13:00-17:00" in reader.cells
    for part in ("prefers-color-scheme:dark", "@media print", "max-width:600px"):
        assert part in html


def test_a_gap_is_seen(tmp_path: Path, gaps: Path) -> None:
    """Open with nobody to answer is another thing than closed; so is somebody who answers at night."""
    svg, html = pictures(tmp_path, "--now", "2026-11-30 00:00", config=gaps)

    kinds = {bar[0].split()[0] for bar in bars(svg)}
    assert kinds == {"answered", "after-hours", "closed", "nobody", "in", "left", "stand"}
    assert "Tue 1 Dec 09:00-10:00: nobody!, open, but voicemail main" in html
    assert "anna, after hours; then voicemail main" in html


def test_colours_are_for_terminals(gaps: Path) -> None:
    """People by colour, a gap loudly; without the colours it is the same text."""
    context = Context(gaps)
    loaded = context.load()
    assert loaded.book
    asked = Asked("call", None, None)
    scene = scene_of(
        week_from(loaded, list(loaded.book.numbers.values()), asked, 1_796_014_800, 7), "an ordinary number"
    )

    plain, bright = (poster(scene, 100, colours=colours) for colours in (False, True))

    assert "\x1b[1;41;97m|nobody" in bright
    assert re.sub(r"\x1b\[[0-9;]*m", "", bright) == plain


def test_who_is_back_is_not_away(tmp_path: Path) -> None:
    """An absence just before the week does not stand in it."""
    svg, _ = pictures(tmp_path, "--now", "2027-01-05 00:00")

    assert "away" not in {bar[0] for bar in bars(svg)}


def test_texts_of_one_number_and_one_caller(tmp_path: Path) -> None:
    """The picture is of what is asked for; a caller's number is masked."""
    svg, _ = pictures(tmp_path, "--to", "boston", "--from", "+1 212 555 0177", "--text", "hi", *WEEK)

    assert "Texts from +1212***0177, Mon 21 Dec to Sun 27 Dec 2026" in svg
    assert "london" not in {text.text for text in ET.fromstring(svg).iter(f"{SVG}text")}


@pytest.mark.parametrize(
    ("now", "note"),
    [
        pytest.param("2027-03-12 00:00", "clocks forward", id="spring"),
        pytest.param("2027-11-05 00:00", "clocks back", id="autumn"),
    ],
)
def test_the_day_on_which_the_clocks_change(tmp_path: Path, now: str, note: str) -> None:
    """It is named, and opening hours stand where the clock on the wall reads them."""
    svg, html = pictures(tmp_path, "--now", now)

    assert note in svg
    assert note in html
    track = 1200 - 2 * 28 - 104
    starts = {round(bar[1], 1) for bar in bars(svg) if "09:00-" in bar[3] and "boston" not in bar[3] and bar[2] > 30}
    assert round(132 + track * 9 / 24, 1) in starts
    assert note in run("--week", "--now", now).stdout


def test_a_picture_that_cannot_be_written(tmp_path: Path) -> None:
    """A sentence says why."""
    result = run("--svg", str(tmp_path / "nowhere" / "week.svg"))

    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
