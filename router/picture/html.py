"""The week as a page of its own: nothing from elsewhere, dark and light, on paper and a phone, and as a table to listen to."""

from collections.abc import Iterator
from html import escape

from router.picture.colours import STYLE
from router.picture.scene import Bar, Panel, Row, Scene

WORDS = {
    "answered": "answered",
    "after-hours": "answered, although closed",
    "closed": "closed",
    "nobody": "open, nobody can answer",
    "in": "in",
    "away": "away",
    "left": "has left",
    "stand": "stands in",
}

LAYOUT = """
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1.5rem clamp(.75rem,3vw,2.5rem) 3rem;background:var(--paper);color:var(--ink);
font:15px/1.4 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2.2rem 0 .6rem}h2 small,.sub{font-weight:400;color:var(--soft);font-size:.87rem}
.sub{margin:.2rem 0 0}
.grid{display:grid;grid-template-columns:6.5rem 1fr;gap:3px 8px;align-items:center}
.label{font-size:.82rem;text-align:right;overflow-wrap:anywhere;line-height:1.15;min-width:0}.label small{display:block;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;color:var(--soft);font-size:.68rem}
.track{position:relative;height:2.5rem;border-radius:5px;background-color:var(--closed);overflow:hidden}
.people .track{height:1.7rem}.people .two{height:2.55rem}
.line{position:absolute;top:0;bottom:0;width:1px;background:var(--line)}.line.big{background:var(--rule)}
.axis{position:relative;height:1.05rem;font-size:.72rem;color:var(--soft)}
.axis span{position:absolute;transform:translateX(-50%);white-space:nowrap}.axis span:first-child{transform:none}
.hours .axis span:last-child{transform:translateX(-100%)}.people .axis span{transform:none;padding-left:3px}
.bar{position:absolute;top:0;bottom:0;overflow:hidden;container-type:inline-size;border-radius:4px;
border:1px solid transparent;font-size:.78rem;line-height:1.15}
.bar div{padding:3px 5px;height:100%;display:flex;flex-direction:column;justify-content:center}
.bar b,.bar i{display:block;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;font-style:normal}
.bar b{font-weight:600}.bar i{font-size:.68rem}
.closed b{font-weight:400;color:var(--soft)}
.people .bar{bottom:auto;height:1.7rem}.people .stand{top:1.75rem;height:.8rem;font-size:.62rem;line-height:1}.people .stand div{padding:0 3px}.stand b{font-weight:500}
.people .in b{font-weight:400;font-size:.65rem;letter-spacing:-.02em}.people .in div{padding:0 3px}
@container (max-width:60px){.bar div{padding:2px}.bar i{display:none}}
@container (max-width:24px){.bar b{visibility:hidden}}
@container (max-width:33px){.people .bar b{visibility:hidden}}
.legend{display:flex;flex-wrap:wrap;gap:.4rem 1.1rem;margin:2rem 0 0;padding:0;list-style:none;font-size:.8rem;color:var(--soft)}
.legend span{display:inline-block;width:1.6rem;height:.9rem;border-radius:3px;margin-right:.4rem;vertical-align:-2px;border:1px solid transparent}
details{margin:.6rem 0 0 7rem;font-size:.82rem}summary{cursor:pointer;color:var(--soft)}
table{border-collapse:collapse;margin-top:.5rem}th,td{text-align:left;padding:.15rem .9rem .15rem 0;border-bottom:1px solid var(--line);vertical-align:top}
@media (max-width:600px){.grid,.people .grid{grid-template-columns:2.9rem 1fr;gap:3px 5px}.label{font-size:.72rem}.label small{display:none}
.bar div{padding:2px 3px}.bar{font-size:.7rem}.bar i{font-size:.62rem}details{margin-left:0}.axis{font-size:.66rem}
table{font-size:.75rem}}
@media print{body{max-width:none;padding:0;font-size:11px}section{break-inside:avoid}details,.legend{break-inside:avoid}details:not([open]){display:none}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
"""


def page(scene: Scene) -> str:
    """Return *scene* as one HTML file."""
    body = "\n".join(line for panel in scene.panels for line in _panel(panel))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(scene.title)}</title>
<style>{STYLE}{LAYOUT}</style>
</head>
<body>
<h1>{escape(scene.title)}</h1>
<p class="sub">{escape(scene.subtitle)}</p>
<main>
{body}
</main>
{_legend()}
</body>
</html>
"""


def _panel(panel: Panel) -> Iterator[str]:
    sort = "people" if panel.people else "hours"
    said = f"{panel.title}: {panel.subtitle}. The same stands in the table below."
    yield f'<section class="{sort}" aria-label="{escape(panel.title)}">'
    yield f"<h2>{escape(panel.title)} <small>{escape(panel.subtitle)}</small></h2>"
    yield f'<div class="grid" role="img" aria-label="{escape(said)}">'
    yield '<div></div><div class="axis">' + "".join(
        f'<span style="left:{_percent(place)}">{escape(text)}</span>' for place, text in panel.ticks
    )
    yield "</div>"
    for row in panel.rows:
        yield from _row(row, panel)
    yield "</div>"
    yield from _table(panel)
    yield "</section>"


def _row(row: Row, panel: Panel) -> Iterator[str]:
    note = f"<small>{escape(row.note)}</small>" if row.note and row.note != row.label else ""
    yield f'<div class="label">{escape(row.label)}{note}</div><div class="track{" two" if row.under else ""}">'
    big = {place for place, _ in panel.ticks}
    for line in panel.lines:
        if 0 < line < 1:
            yield f'<span class="line{" big" if line in big else ""}" style="left:{_percent(line)}"></span>'
    for bar in (*row.bars, *row.under):
        yield _bar(bar)
    yield "</div>"


def _bar(bar: Bar) -> str:
    tone = "" if bar.tone is None else f" t{bar.tone}"
    more = f"<i>{escape(bar.more)}</i>" if bar.more and bar.kind != "closed" else ""
    return (
        f'<div class="bar {bar.kind}{tone}" style="left:{_percent(bar.left)};width:{_percent(bar.right - bar.left)}" '
        f'title="{escape(bar.title)}"><div><b>{escape(bar.text)}</b>{more}</div></div>'
    )


def _table(panel: Panel) -> Iterator[str]:
    """Yield the same as a table, for those who cannot see the picture."""
    who = "Who" if panel.people else "Day"
    yield f"<details><summary>{escape(panel.title)} as a table</summary><table>"
    yield f'<tr><th scope="col">{who}</th><th scope="col">When</th><th scope="col">What</th><th scope="col">Who, and then</th></tr>'
    for row in panel.rows:
        for bar in (*row.bars, *row.under):
            then = ", ".join(part for part in (bar.text, bar.more) if part)
            yield f'<tr><th scope="row">{escape(row.label)}</th><td>{escape(bar.when)}</td>'
            yield f"<td>{WORDS[bar.kind]}</td><td>{escape(then)}</td></tr>"
    yield "</table></details>"


def _legend() -> str:
    shown = {
        "answered t0": "colour: who is tried first",
        "after-hours t0": "answered although closed",
        "closed": "closed",
    }
    shown |= {"nobody": "open, and nobody can answer", "away": "away"}
    items = "".join(f'<li><span class="{name}"></span>{words}</li>' for name, words in shown.items())
    return f'<ul class="legend">{items}</ul>'


def _percent(fraction: float) -> str:
    return f"{fraction * 100:.4f}".rstrip("0").rstrip(".") + "%"
