"""A comparison of two rule files told: a paragraph for each change, who and when first, then what was and what is now."""

from collections.abc import Iterable, Iterator

from rules.diff import Change, Comparison
from rules.often import often, span_in_words
from rules.paragraphs import Affected, Outcome, Paragraph, words_of
from rules.plan import Step
from rules.telling import Json, iso, step_json

INDENT = "    "
SEVERAL = 5


def in_words(found: Comparison, paragraphs: Iterable[Paragraph], *, full: bool) -> list[str]:
    """Tell each paragraph, and the numbers that come and go; *full* adds every interval."""
    told = [
        f"{number.name} ({number.e164}) is new: calls and texts to it are refused until now"
        for number in found.appeared
    ]
    told += [
        f"{number.name} ({number.e164}) is gone: calls and texts to it are refused from now on"
        for number in found.vanished
    ]
    return told + ["\n".join(_lines(found, paragraph, full=full)) for paragraph in paragraphs]


def _lines(found: Comparison, paragraph: Paragraph, *, full: bool) -> Iterator[str]:
    for outcome in paragraph.outcomes:
        for affected in outcome.affected:
            yield f"{who(found, affected)}: {often(affected.times, found.window, affected.number.zone)}"
        yield from _outcome(outcome, full=full)


def _outcome(outcome: Outcome, *, full: bool) -> Iterator[str]:
    """Tell what was and what is now; what is most frequent stands for all, *full* adds the others."""
    wording, _ = outcome.variants[0]
    if outcome.same_result:
        yield f"{INDENT}decided by {', '.join(outcome.now)}, until now by {', '.join(outcome.was)}; what happens is the same"
    else:
        yield f"{INDENT}was {', '.join(outcome.was)}: {wording.was}"
        yield f"{INDENT}now {', '.join(outcome.now)}: {wording.now}"
    others = len(outcome.variants) - 1
    if full:
        yield from _intervals(outcome)
    elif others and not outcome.same_result:
        ways = "one other way" if others == 1 else f"{others} other ways"
        yield f"{INDENT}(most of the time; {ways}, by who is in, away or on duty: --full)"


def _intervals(outcome: Outcome) -> Iterator[str]:
    """Tell every interval, each number and wording once."""
    told: dict[str, None] = {}
    for change in sorted(outcome.changes, key=lambda change: change.start):
        when = span_in_words((change.start, change.end), change.number.zone)
        wording = words_of(change)
        said = f"  was {wording.was}  now {wording.now}" if len(outcome.variants) > 1 else ""
        told[f"{INDENT}  {when}  {change.number.name} {change.pair.kind}s{said}"] = None
    yield from told


def who(found: Comparison, affected: Affected) -> str:
    """Tell who is affected: `boston calls from number, short-code`."""
    by_said: dict[str, list[str]] = {}
    for pair in affected.pairs:
        by_said.setdefault(pair.said, []).extend(pair.callers)
    alike: dict[frozenset[str], list[str]] = {}
    for said, callers in by_said.items():
        alike.setdefault(frozenset(callers), []).append(said)
    everybody = found.callers[affected.number.name, affected.kind]
    order = list(dict.fromkeys(name for callers in by_said.values() for name in callers))
    told = []
    for together, saids in alike.items():
        names = named([name for name in order if name in together], everybody)
        told.append(f"{affected.number.name} {affected.kind}s from {names}{_saying(saids, affected.kind)}")
    return "; ".join(told)


def named(callers: list[str], everybody: frozenset[str]) -> str:
    """List *callers* as shortly as is exact, given who else there could be."""
    team = {name for name in everybody if name.startswith("teammate ")}
    if len(team) > 1 and team <= set(callers):
        everybody = everybody - team | {"teammate"}
        callers = [name for name in callers if name not in team] + ["teammate"]
    others = sorted(everybody - set(callers))
    if not others:
        return "everyone"
    if len(others) < SEVERAL - 2 and len(callers) >= SEVERAL:
        return f"everyone but {', '.join(others)}"
    return ", ".join(callers)


def _saying(saids: list[str], kind: str) -> str:
    """Tell what they say or the way the call comes, when it is anything special."""
    special = [said if kind == "call" else f"with “{said}”" for said in saids if said]
    if not special:
        return ""
    return f", {'also ' if '' in saids else ''}{' or '.join(special)}"


# ---------------------------------------------------------------- as JSON


def outcome_json(outcome: Outcome, *, full: bool) -> Json:
    """Return what one paragraph says of calls or of texts; *full* adds every interval of every kind of event."""
    wording, _ = outcome.variants[0]
    sample = next(change for change in outcome.changes if words_of(change) == wording)
    told: Json = {
        "kind": outcome.kind,
        "affected": [_affected_json(affected) for affected in outcome.affected],
        "was": _side(outcome.was, sample.was.plan, wording.was, sample.openings and sample.openings[0]),
        "now": _side(outcome.now, sample.now.plan, wording.now, sample.openings and sample.openings[1]),
        "variants": [{"was": each.was, "now": each.now, "seconds": weight} for each, weight in outcome.variants],
    }
    if full:
        told["intervals"] = [_change_json(change) for change in sorted(outcome.changes, key=lambda each: each.start)]
    return told


def _side(rules: tuple[str, ...], plan: tuple[Step, ...], words: str, opens: int | None) -> Json:
    return {"rules": list(rules), "words": words, "plan": [step_json(step) for step in plan], "next_open": iso(opens)}


def _affected_json(affected: Affected) -> Json:
    spans = list(affected.times.spans())
    return {
        "number": affected.number.name,
        "callers": list(dict.fromkeys(name for pair in affected.pairs for name in pair.callers)),
        "said": list(dict.fromkeys(pair.said for pair in affected.pairs)),
        "times": len(spans),
        "seconds": sum(end - start for start, end in spans),
        "first": {"from": iso(spans[0][0]), "until": iso(spans[0][1])},
        "last": {"from": iso(spans[-1][0]), "until": iso(spans[-1][1])},
    }


def _change_json(change: Change) -> Json:
    wording = words_of(change)
    return {
        "from": iso(change.start),
        "until": iso(change.end),
        "number": change.number.name,
        "kind": change.pair.kind,
        "callers": list(change.pair.callers),
        "said": change.pair.said,
        "was": {"rule": change.was.rule, "words": wording.was},
        "now": {"rule": change.now.rule, "words": wording.now},
    }
