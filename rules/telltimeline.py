"""The course of answers for one caller, told: a line for each change, or JSON."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from rules.briefly import ARROW, answer_briefly
from rules.callers import Caller
from rules.course import Turn
from rules.inquiry import Inquiry
from rules.often import clock_in_words, wall
from rules.telling import Json, as_json, iso

TOLD = ("rule", "source", "plan", "tries", "rings", "ends", "voicemail", "delivers", "via", "holds", "replies", "why")
"""What of a decision belongs to a stretch of time."""


def in_words(inquiry: Inquiry, turns: Sequence[Turn], width: int | None = None) -> str:
    """Tell when the answer changes, on the clock of the number; lines are folded to *width* characters."""
    number = inquiry.number
    assert number is not None
    zones = {f"{wall(turn.start, number.zone):%Z}" for turn in turns}
    years = {wall(moment, number.zone).year for turn in turns for moment in (turn.start, turn.end - 1)}
    place = number.zone.key if len(zones) > 1 else f"{number.zone.key} ({zones.pop()})"
    shape = "%a %d %b" + (" %Y" if len(years) > 1 else "")
    days = [when(turn.start, number.zone, shape, named=bool(zones)) for turn in turns]
    rules = max(len(turn.decision.rule) for turn in turns)
    lines = [f"{inquiry.kind}s to {number.name} from {who(inquiry.caller)}, on the clock of {place}", ""]
    for day, turn in zip(days, turns, strict=True):
        head = f"{day}  {turn.decision.rule:<{rules}}  "
        lines += folded(head, answer_briefly(turn.decision.rule, turn.decision.plan).split(ARROW), width)
    return "\n".join(lines)


def who(caller: Caller) -> str:
    """Tell who calls: as written, with class and groups."""
    groups = [group for group in caller.groups if ".rules." not in group]
    return f"{caller.raw or 'a withheld number'} ({', '.join((caller.cls, *groups))})"


def when(moment: int, zone: ZoneInfo, shape: str, *, named: bool) -> str:
    """Tell a moment: `Thu 24 Dec 09:00`; the offset is *named* where it changes."""
    read = wall(moment, zone)
    return f"{read:{shape}} {clock_in_words(read)}{f' {read:%Z}' if named else ''}"


def folded(head: str, steps: list[str], width: int | None) -> list[str]:
    """Put *steps* behind *head*, as many on a line as *width* allows, at least one."""
    lines = [head + steps[0]]
    for step in steps[1:]:
        if width and len(lines[-1]) + len(step) + 4 > width:
            lines.append(" " * len(head) + f"-> {step}")
        else:
            lines[-1] += f" -> {step}"
    return lines


def turn_json(turn: Turn) -> Json:
    """Return one stretch with its answer."""
    decision = as_json(turn.decision)
    return {"from": iso(turn.start), "until": iso(turn.end), **{key: decision[key] for key in TOLD}}
