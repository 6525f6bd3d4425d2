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
from rules.briefly import ARROW, answer_briefly, plan_briefly, step_briefly, step_fully
from rules.diff import Change
from rules.event import Kind
from rules.often import wall
from rules.pairs import Pair
from rules.plan import Copy, Deliver, Hold, Play, Reply, Ring, Say, Step, Voicemail
from rules.timeline import Timeline


@attrs.frozen
class Wording:
    """What was and what is now, in words; of steps that stay, only what they are."""

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
class Outcome:
    """
    What a paragraph says of calls, or of texts: who is *affected* when, which rules decided and decide, in what words.

    *variants* are the wordings with their seconds, the most frequent first. *changes* are all intervals.
    """

    kind: Kind
    affected: tuple[Affected, ...]
    was: tuple[str, ...]
    now: tuple[str, ...]
    variants: tuple[tuple[Wording, int], ...]
    changes: tuple[Change, ...]

    @property
    def same_result(self) -> bool:
        """Whether only the rule that decides is another, and what happens is the same."""
        return all(change.was.plan == change.now.plan and not change.openings for change in self.changes)


@attrs.frozen(eq=False)
class Paragraph:
    """One change, with what it does to calls and to texts."""

    outcomes: tuple[Outcome, ...]

    @property
    def begins(self) -> int:
        """When it is felt first."""
        return min(change.start for outcome in self.outcomes for change in outcome.changes)

    @property
    def same_result(self) -> bool:
        """Whether only the rule that decides is another, and what happens is the same."""
        return all(outcome.same_result for outcome in self.outcomes)


def paragraphs(changes: Iterable[Change]) -> list[Paragraph]:
    """Group *changes*; those felt first come first, a mere change of rule comes last."""
    groups: dict[object, list[Change]] = {}
    moved: list[tuple[frozenset[str], Change]] = []
    within_rules: dict[str, list[tuple[frozenset[str], Change]]] = {}
    for change in changes:
        if change.pair.moved:
            moved.append((change.pair.moved, change))
        elif change.was.rule == change.now.rule and not change.openings:
            names = frozenset(map(_name, _differing(change.was.plan, change.now.plan)))
            within_rules.setdefault(change.now.rule, []).append((names, change))
        else:
            groups.setdefault(_subject(change), []).append(change)
    for named in (moved, *within_rules.values()):
        for names, found in overlapping(named):
            groups.setdefault(names, []).extend(found)
    return sorted(map(_paragraph, groups.values()), key=lambda paragraph: (paragraph.same_result, paragraph.begins))


def _paragraph(changes: list[Change]) -> Paragraph:
    by_kind: dict[Kind, list[Change]] = {}
    for change in changes:
        by_kind.setdefault(change.pair.kind, []).append(change)
    return Paragraph(tuple(_outcome(kind, found) for kind, found in by_kind.items()))


def _outcome(kind: Kind, changes: list[Change]) -> Outcome:
    weights: dict[Wording, int] = {}
    for change in changes:
        wording = words_of(change)
        weights[wording] = weights.get(wording, 0) + change.end - change.start
    return Outcome(
        kind=kind,
        affected=tuple(_affected(changes)),
        was=tuple(dict.fromkeys(change.was.rule for change in changes)),
        now=tuple(dict.fromkeys(change.now.rule for change in changes)),
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
    """Return what a change of the rule, or of the next opening, is about; those with one subject are one paragraph."""
    was, now = change.was, change.now
    if change.openings:
        return "opening", change.number.name
    if "safety" in (was.layer, now.layer):
        return "safety", was.layer == "safety", now.layer == "safety"
    return "rule", was.rule, now.rule, was.plan == now.plan or (_shape(was.plan), _shape(now.plan))


def overlapping(named: Iterable[tuple[frozenset[str], Change]]) -> list[tuple[frozenset[str], list[Change]]]:
    """
    Group changes by the names of what changes; groups with a name in common are one.

    When somebody is not in, a step is passed over, so that one edit shows now in one step, now in another.
    """
    by_names: dict[frozenset[str], list[Change]] = {}
    for names, change in named:
        by_names.setdefault(names, []).append(change)
    groups: list[tuple[frozenset[str], list[Change]]] = []
    for names, changes in by_names.items():
        apart = [group for group in groups if not group[0] & names]
        together = [group for group in groups if group[0] & names]
        merged = names.union(*(group[0] for group in together))
        groups = [*apart, (merged, [each for group in together for each in group[1]] + changes)]
    return groups


def _differing(was: Sequence[Step], now: Sequence[Step]) -> Iterator[Step]:
    for tag, first, last, start, end in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from (*was[first:last], *now[start:end])


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
        case Reply() | Say() | Play():
            return "said to the caller"
    return step_briefly(step)


# ---------------------------------------------------------------- in words


def words_of(change: Change) -> Wording:
    """Tell what was and what is now: whole plans when another rule decides, else the steps that differ."""
    was, now = change.was.plan, change.now.plan
    if change.openings:
        return Wording(*(_opening(at, change.number.zone) for at in change.openings))
    whole = Wording(answer_briefly(change.was.rule, was), answer_briefly(change.now.rule, now))
    return whole if change.was.rule != change.now.rule and whole.was != whole.now else _elided(was, now)


def _opening(moment: int | None, zone: ZoneInfo) -> str:
    """Tell when it opens next by weekday and clock, so that every week is told alike."""
    return "no next opening" if moment is None else f"the next opening is {wall(moment, zone):%a %H:%M}"


def _elided(was: tuple[Step, ...], now: tuple[Step, ...]) -> Wording:
    """Tell two plans: of equal steps only what they are, and everything of those that would be told alike."""
    told: tuple[list[str], list[str]] = ([], [])
    for tag, first, last, start, end in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if tag == "equal":
            for side in told:
                side += map(_kept, was[first:last])
            continue
        one, other = was[first:last], now[start:end]
        alike = plan_briefly(one) == plan_briefly(other)
        for side, steps in zip(told, (one, other), strict=True):
            side += [step_fully(step) if alike else step_briefly(step) for step in steps]
    return Wording(*(ARROW.join(side) or plan_briefly(()) for side in told))


def _kept(step: Step) -> str:
    """Tell a step that stays as it is: whom it reaches just then is not the point."""
    if isinstance(step, Ring) and step.team:
        return f"ring {step.team}"
    return step_briefly(step)
