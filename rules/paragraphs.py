"""
Many changes as few paragraphs: one for each change an administrator has made, not for each hour it shows in.

Changes belong together when the same rules decide before and after and the same steps differ. Who happens to be in, away
or on duty that week makes variants of one paragraph, never paragraphs.
"""

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from zoneinfo import ZoneInfo

import attrs

from rules.book import Number
from rules.briefly import ARROW, plan_briefly, step_briefly, step_fully
from rules.diff import Change
from rules.event import Kind
from rules.often import wall
from rules.pairs import Pair
from rules.plan import Copy, Deliver, Drop, Hold, Reply, Ring, Step, Voicemail
from rules.timeline import Timeline

REST = "…"


@attrs.frozen
class Wording:
    """What was and what is now, in words; equal steps around a change are left out (`…`)."""

    was: str
    now: str


@attrs.frozen(eq=False)
class Affected:
    """The kinds of events on one number that are affected at the same *times*."""

    number: Number
    kind: Kind
    pairs: tuple[Pair, ...]
    times: Timeline


@attrs.frozen(eq=False)
class Paragraph:
    """
    One change: who is *affected* when, which rules decided (*was*) and decide (*now*), and in what words.

    *variants* are the wordings with their seconds, the most frequent first. *changes* are all intervals.
    """

    was: tuple[str, ...]
    now: tuple[str, ...]
    affected: tuple[Affected, ...]
    variants: tuple[tuple[Wording, int], ...]
    changes: tuple[Change, ...]

    @property
    def begins(self) -> int:
        """When it is felt first."""
        return min(change.start for change in self.changes)

    @property
    def same_result(self) -> bool:
        """Whether only the rule that decides is another, and what happens is the same."""
        return all(change.was.plan == change.now.plan and not change.openings for change in self.changes)


def paragraphs(changes: Iterable[Change]) -> list[Paragraph]:
    """Group *changes*; those felt first come first, a mere change of rule comes last."""
    groups: dict[object, list[Change]] = {}
    for change in changes:
        groups.setdefault(_subject(change), []).append(change)
    return sorted(map(_paragraph, groups.values()), key=lambda paragraph: (paragraph.same_result, paragraph.begins))


def _paragraph(changes: list[Change]) -> Paragraph:
    weights: dict[Wording, int] = {}
    for change in changes:
        wording = words_of(change)
        weights[wording] = weights.get(wording, 0) + change.end - change.start
    return Paragraph(
        was=tuple(dict.fromkeys(change.was.rule for change in changes)),
        now=tuple(dict.fromkeys(change.now.rule for change in changes)),
        affected=tuple(_affected(changes)),
        variants=tuple(sorted(weights.items(), key=lambda item: -item[1])),
        changes=tuple(changes),
    )


def _affected(changes: list[Change]) -> Iterator[Affected]:
    """Bring together who is affected at the same times."""
    spans: dict[tuple[str, Kind, Pair], list[tuple[int, int]]] = {}
    numbers = {}
    for change in changes:
        numbers[change.number.name] = change.number
        spans.setdefault((change.number.name, change.pair.kind, change.pair), []).append((change.start, change.end))
    alike: dict[tuple[str, Kind, Timeline], list[Pair]] = {}
    for (name, kind, pair), found in spans.items():
        alike.setdefault((name, kind, Timeline.of(found)), []).append(pair)
    for (name, kind, times), pairs in alike.items():
        yield Affected(numbers[name], kind, tuple(pairs), times)


# ---------------------------------------------------------------- what belongs together


def _subject(change: Change) -> object:
    """Return what a change is about; changes with the same subject are one paragraph."""
    was, now = change.was, change.now
    if change.openings:
        return "opening", change.number.name
    if was.rule != now.rule:
        same = was.plan == now.plan
        return "rule", was.rule, now.rule, same or (_shape(was.plan), _shape(now.plan))
    steps = [step for one, other in _differing(was.plan, now.plan) for step in (*one, *other)]
    return "steps", frozenset(map(_name, steps))


def _differing(was: Sequence[Step], now: Sequence[Step]) -> Iterator[tuple[Sequence[Step], Sequence[Step]]]:
    for tag, first, last, start, end in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if tag != "equal":
            yield was[first:last], now[start:end]


def _shape(plan: Iterable[Step]) -> tuple[str, ...]:
    """Return what of a plan does not depend on who is in at the moment."""
    return tuple(dict.fromkeys(_name(step) for step in plan if not isinstance(step, Ring)))


def _name(step: Step) -> str:
    """Name what a step is, whoever it reaches at the moment."""
    match step:
        case Ring(team=team):
            return f"ring {team}"
        case Voicemail(box=box):
            return f"voicemail {box}"
        case Deliver(via=target) | Hold(target=target, until="reachable"):
            return f"to {target}"
        case Hold(target=target):
            return f"hold for {target}"
        case Copy(via=target):
            return f"copy to {target}"
        case Reply():
            return "reply"
        case Drop():
            return "drop"
    return step_fully(step)


# ---------------------------------------------------------------- in words


def words_of(change: Change) -> Wording:
    """Tell what was and what is now: whole plans when another rule decides, else the steps that differ."""
    was, now = change.was.plan, change.now.plan
    if change.openings:
        return Wording(*(_opening(at, change.number.zone) for at in change.openings))
    if change.was.rule != change.now.rule and plan_briefly(was) != plan_briefly(now):
        return Wording(plan_briefly(was), plan_briefly(now))
    return _elided(was, now)


def _opening(moment: int | None, zone: ZoneInfo) -> str:
    """Tell when it opens next by weekday and clock, so that every week is told alike."""
    return "no next opening" if moment is None else f"{REST} the next opening is {wall(moment, zone):%a %H:%M}"


def _elided(was: tuple[Step, ...], now: tuple[Step, ...]) -> Wording:
    """Tell two plans, equal steps as `…`, and those that would be told alike with everything they hold."""
    told: tuple[list[str], list[str]] = ([], [])
    for tag, first, last, start, end in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if tag == "equal":
            for side in told:
                side.append(REST)
            continue
        one, other = was[first:last], now[start:end]
        alike = plan_briefly(one) == plan_briefly(other)
        for side, steps in zip(told, (one, other), strict=True):
            side += [step_fully(step) if alike else step_briefly(step) for step in steps]
    return Wording(*(ARROW.join(side) or "nothing is sent by itself" for side in told))
