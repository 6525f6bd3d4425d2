"""The week in letters: names where people answer, dots where it is closed, exclamation marks where nobody can."""

from collections.abc import Iterator

from router.picture.scene import Bar, Panel, Row, Scene

LABEL = 12
FINEST = 96
"""Columns of a day in quarters of an hour."""

FILL = {
    "answered": "=",
    "after-hours": "~",
    "closed": ".",
    "nobody": "!",
    "in": "=",
    "away": "-",
    "left": "-",
    "stand": "+",
}
RESET = "\x1b[0m"
TONES = (34, 32, 33, 35, 36, 95, 93, 37)
LOUD = "\x1b[1;41;97m"
SOFT = "\x1b[2m"
LEGEND = "= answered   ~ answered after hours   . closed   ! open, nobody can answer   - away   + standing in"


def poster(scene: Scene, width: int, *, colours: bool) -> str:
    """Return *scene* as lines of at most *width* columns; with *colours* for a terminal that shows them."""
    days = max((len(panel.ticks) for panel in scene.panels if panel.people), default=7)
    lines = [scene.title, scene.subtitle]
    for panel in scene.panels:
        columns = _columns(width - LABEL - 1, days if panel.people else None)
        lines += ["", f"{panel.title}  {panel.subtitle}", _axis(panel, columns)]
        for row in panel.rows:
            lines += _row(row, panel, columns, colours=colours)
    return "\n".join([*lines, "", LEGEND])


def _columns(room: int, days: int | None) -> int:
    """Return how many columns a row has: quarters, halves or whole hours of a day; of several days, as many hours as fit."""
    if days is None:
        return next((columns for columns in (FINEST, 48) if columns <= room), 24)
    return days * max(2, min(24, room // days))


def _axis(panel: Panel, columns: int) -> str:
    line = [" "] * (columns + 8)
    for place, text in panel.ticks:
        at = round(place * columns)
        line[at : at + len(text)] = text
    return f"{'':<{LABEL}} {''.join(line).rstrip()}"


def _row(row: Row, panel: Panel, columns: int, *, colours: bool) -> Iterator[str]:
    """Yield the line of a row, and one for whom they stand in."""
    note = f"  {row.note}" if row.note and not panel.people else ""
    yield f"{row.label[:LABEL]:>{LABEL}} {_line(row.bars, columns, ' ' if panel.people else '.', colours=colours)}{note}"
    if row.under:
        yield f"{'':<{LABEL}} {_line(row.under, columns, ' ', colours=colours)}"


def _line(bars: tuple[Bar, ...], columns: int, empty: str, *, colours: bool) -> str:
    """Return one row of bars; a column shows what most of it is, but never hides that nobody can answer."""
    owners = [_owner(bars, at / columns, (at + 1) / columns) for at in range(columns)]
    told: list[str] = []
    at = 0
    while at < columns:
        end = at
        while end < columns and owners[end] is owners[at]:
            end += 1
        told.append(_written(owners[at], end - at, empty, colours=colours))
        at = end
    return "".join(told).rstrip()


def _owner(bars: tuple[Bar, ...], left: float, right: float) -> Bar | None:
    """Return the bar a column belongs to."""
    shares = [(min(bar.right, right) - max(bar.left, left), bar) for bar in bars]
    inside = [(share, bar) for share, bar in shares if share > 1e-9]
    alarm = [bar for _, bar in inside if bar.kind == "nobody"]
    return alarm[0] if alarm else max(inside, key=lambda found: found[0], default=(0.0, None))[1]


def _written(bar: Bar | None, columns: int, empty: str, *, colours: bool) -> str:
    """Write one bar: `|dana, ben====`, with the rest of the words if there is room."""
    if bar is None:
        return empty * columns
    fill, words = FILL[bar.kind], _words(bar, columns - 1)
    if bar.kind == "closed":
        text = f"{fill * 2}{words}{fill * columns}"[:columns] if len(words) + 4 <= columns else fill * columns
    else:
        text = f"|{words:{fill}<{columns - 1}}" if columns > 1 else fill
    return f"{_colour(bar)}{text}{RESET}" if colours else text


def _words(bar: Bar, room: int) -> str:
    """Return what stands in a bar of *room* columns."""
    if bar.kind == "closed":
        return "closed"
    if bar.kind == "in" and len(bar.text) > room:
        return ""
    if bar.more and len(bar.text) + len(bar.more) + 2 < room:
        return f"{bar.text}, {bar.more}"
    text = bar.text if len(bar.text) <= room else bar.text.removeprefix("for ")
    return text[:room]


def _colour(bar: Bar) -> str:
    if bar.kind == "nobody":
        return LOUD
    return SOFT if bar.tone is None else f"\x1b[{TONES[bar.tone]}m"
