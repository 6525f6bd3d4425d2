"""The week as one SVG file: places are exact, words stand where they fit, and every bar says what it is."""

from collections.abc import Iterator
from html import escape

from router.picture.colours import STYLE
from router.picture.scene import Bar, Panel, Row, Scene

WIDTH = 1200
MARGIN = 28
LABELS = 104
TRACK = WIDTH - 2 * MARGIN - LABELS
ROW, GAP = 38, 4
PERSON, UNDER = 25, 13
LETTER = 0.6
"""About how wide a letter is, in font sizes; a word that does not surely fit is shortened or left out."""

TEXT = (
    "svg{background:var(--paper);font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}"
    "text{fill:var(--ink)}.soft{fill:var(--soft)}.track{fill:var(--closed)}.line{stroke:var(--line)}.big{stroke:var(--rule)}"
    "rect.answered,rect.in,rect.stand{stroke:var(--edge);stroke-opacity:.35}rect.after-hours{stroke:var(--edge);stroke-dasharray:4 3;opacity:.92}"
    "rect.closed{fill:none}rect.nobody{fill:url(#alarm);stroke:var(--alarm);stroke-width:2}rect.away,rect.left{fill:var(--away)}"
    "text.nobody{fill:var(--alarm)}text.away,text.left{fill:var(--on-away)}.stripe{stroke:var(--alarm-soft);stroke-width:8}"
    "@media print{svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}}"
)


def drawing(scene: Scene) -> str:
    """Return *scene* as one SVG file."""
    lines: list[str] = []
    top = 84
    for panel in scene.panels:
        lines += _panel(panel, top)
        top += _height(panel)
    described = f"{scene.subtitle}. Every bar has a title with its times and people."
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img" aria-labelledby="title about">',
            f'<title id="title">{escape(scene.title)}</title>',
            f'<desc id="about">{escape(described)}</desc>',
            f"<style>{escape(STYLE + TEXT, quote=False)}</style>",
            '<defs><pattern id="alarm" width="12" height="12" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
            '<line x1="0" y1="0" x2="0" y2="12" class="stripe"/></pattern></defs>',
            _text(MARGIN, 40, scene.title, 24, "", weight=700),
            _text(MARGIN, 62, scene.subtitle, 14, "soft"),
            *lines,
            "</svg>",
            "",
        ]
    )


def _height(panel: Panel) -> int:
    return 74 + sum(_row_height(row, panel) + GAP for row in panel.rows)


def _row_height(row: Row, panel: Panel) -> int:
    if not panel.people:
        return ROW
    return PERSON + UNDER + 2 if row.under else PERSON


def _panel(panel: Panel, top: int) -> Iterator[str]:
    """Yield one panel, *top* from the upper edge."""
    left = MARGIN + LABELS
    yield f'<g role="group" aria-label="{escape(panel.title)}">'
    yield _text(MARGIN, top + 22, panel.title, 18, "", weight=700)
    yield _text(MARGIN + 14 + len(panel.title) * 11, top + 22, panel.subtitle, 14, "soft")
    for place, text in panel.ticks:
        anchor = "start" if panel.people or place == 0 else "end" if place == 1 else "middle"
        yield _text(left + place * TRACK, top + 46, text, 12, "soft", anchor=anchor)
    y = top + 52
    big = {place for place, _ in panel.ticks}
    for row in panel.rows:
        height = _row_height(row, panel)
        note = row.note if row.note != row.label else ""
        middle = y + height / 2 + (-2 if note else 4)
        yield _text(left - 9, middle, _fitted(row.label, LABELS - 12, 13), 13, "", anchor="end")
        if note:
            yield _text(left - 9, middle + 13, _fitted(note, LABELS - 8, 10), 10, "soft", anchor="end")
        yield f'<rect class="track" x="{left}" y="{y}" width="{TRACK}" height="{height}" rx="5"/>'
        for line in panel.lines:
            if 0 < line < 1:
                x = _number(left + line * TRACK)
                sort = "line big" if line in big else "line"
                yield f'<line class="{sort}" x1="{x}" x2="{x}" y1="{y}" y2="{y + height}"/>'
        for bar in row.bars:
            yield from _bar(bar, y, PERSON if panel.people else ROW)
        for bar in row.under:
            yield from _bar(bar, y + PERSON + 2, UNDER)
        y += height + GAP
    yield "</g>"


def _bar(bar: Bar, top: int, height: int) -> Iterator[str]:
    """Yield one bar with its title and as many words as fit."""
    left = MARGIN + LABELS + bar.left * TRACK
    width = (bar.right - bar.left) * TRACK
    tone = "" if bar.tone is None else f" t{bar.tone}"
    ink = "soft" if bar.kind == "closed" else bar.kind if bar.tone is None else f"x{bar.tone}"
    yield f"<g><title>{escape(bar.title)}</title>"
    yield (
        f'<rect class="{bar.kind}{tone}" x="{_number(left)}" y="{top}" width="{_number(width)}" height="{height}" '
        f'rx="{4 if height > UNDER else 3}"/>'
    )
    size = 13 if height == ROW else 11 if height == PERSON else 9
    text = _fitted(bar.text, width - 6, size)
    more = _fitted(bar.more, width - 6, 11) if height == ROW and text and bar.kind != "closed" else ""
    if text:
        weight = 400 if bar.kind in ("closed", "in") else 600
        middle = top + height / 2 + size * 0.36 - (7 if more else 0)
        yield _text(left + 4, middle, text, size, ink, weight=weight)
    if more:
        yield _text(left + 4, top + height / 2 + 12, more, 11, ink)
    yield "</g>"


def _fitted(text: str, width: float, size: int) -> str:
    """Return as much of *text* as surely fits into *width* at font *size*; nothing when that is hardly a word."""
    most = int(width / (size * LETTER))
    if len(text) <= most:
        return text
    return f"{text[: most - 1].rstrip(' ,;')}…" if most >= 4 else ""


def _text(x: float, y: float, text: str, size: int, sort: str, *, anchor: str = "start", weight: int = 400) -> str:
    named = f' class="{sort}"' if sort else ""
    heavy = f' font-weight="{weight}"' if weight != 400 else ""
    placed = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{_number(x)}" y="{_number(y)}" font-size="{size}"{named}{heavy}{placed}>{escape(text)}</text>'


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
