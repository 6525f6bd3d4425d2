"""A comparison of two rule files told: a paragraph for each change, who and when first, then what was and what is now."""

from collections.abc import Iterable, Iterator

from rules.diff import Change, Comparison
from rules.often import often, span_in_words
from rules.paragraphs import Affected, Paragraph, words_of
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
    for affected in paragraph.affected:
        yield f"{who(found, affected)}: {often(affected.times, found.window, affected.number.zone)}"
    wording, _ = paragraph.variants[0]
    if paragraph.same_result:
        yield f"{INDENT}decided by {_rules(paragraph.now)}, until now by {_rules(paragraph.was)}; what happens is the same"
    else:
        yield f"{INDENT}was {_rules(paragraph.was)}: {wording.was}"
        yield f"{INDENT}now {_rules(paragraph.now)}: {wording.now}"
    others = len(paragraph.variants) - 1
    if full:
        yield from _intervals(paragraph)
    elif others:
        ways = "one other way" if others == 1 else f"{others} other ways"
        yield f"{INDENT}(most of the time; {ways}, by who is in, away or on duty: --full)"


def _intervals(paragraph: Paragraph) -> Iterator[str]:
    """Tell every interval, for each number, kind and way of telling it once."""
    told: dict[str, None] = {}
    for change in sorted(paragraph.changes, key=lambda change: change.start):
        when = span_in_words((change.start, change.end), change.number.zone)
        wording = words_of(change)
        said = f"was {wording.was}  now {wording.now}" if len(paragraph.variants) > 1 else ""
        told[f"{INDENT}  {when}  {change.number.name} {change.pair.kind}s  {said}".rstrip()] = None
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


def _rules(names: tuple[str, ...]) -> str:
    return ", ".join(names)


# ---------------------------------------------------------------- as JSON


def paragraph_json(paragraph: Paragraph, *, full: bool) -> Json:
    """Return one paragraph; *full* adds every interval of every kind of event."""
    wording, _ = paragraph.variants[0]
    sample = next(change for change in paragraph.changes if words_of(change) == wording)
    told: Json = {
        "was": _side(paragraph.was, sample, wording.was, now=False),
        "now": _side(paragraph.now, sample, wording.now, now=True),
        "affected": [_affected_json(affected) for affected in paragraph.affected],
        "variants": [{"was": each.was, "now": each.now, "seconds": weight} for each, weight in paragraph.variants],
    }
    if full:
        told["intervals"] = [_change_json(change) for change in sorted(paragraph.changes, key=lambda each: each.start)]
    return told


def _side(rules: tuple[str, ...], sample: Change, words: str, *, now: bool) -> Json:
    plan = (sample.now if now else sample.was).plan
    opens = {"next_open": iso(sample.openings[now])} if sample.openings else {}
    return {"rules": list(rules), "words": words, "plan": [step_json(step) for step in plan], **opens}


def _affected_json(affected: Affected) -> Json:
    spans = list(affected.times.spans())
    return {
        "number": affected.number.name,
        "kind": affected.kind,
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
