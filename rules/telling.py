"""A decision told: as JSON for scripts and the audit, and in words for people. It only formats what was recorded."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rules.plan import (
    Copy,
    Decision,
    Deliver,
    Drop,
    Hangup,
    Hold,
    Play,
    Reject,
    Reply,
    Ring,
    Say,
    Step,
    Voicemail,
)

Json = dict[str, object]


def iso(moment: int | None) -> str | None:
    """Write *moment* (UTC epoch seconds) as `2026-12-22T15:00:00Z`."""
    return None if moment is None else f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"


def as_json(decision: Decision) -> Json:
    """Return *decision* as `decision/1`: the vocabulary of the tests, without any phone number of ours."""
    told = outcome(decision)
    return {
        "schema": "decision/1",
        "kind": decision.kind,
        "to": decision.number,
        "caller": {"class": decision.caller_class, "groups": list(named_groups(decision))},
        "at": iso(decision.at),
        "rule": decision.rule,
        "source": str(decision.source) if decision.source else None,
        "asked": [list(answer) for answer in decision.asked],
        "plan": [step_json(step) for step in decision.plan],
        "tries": [list(people) for people in decision.tries()],
        "rings": list(decision.rings()),
        **told,
        "next_open": iso(decision.next_open),
        "valid_until": iso(decision.valid_until),
        "ruleset": decision.ruleset,
        "why": list(decision.why),
    }


def named_groups(decision: Decision) -> tuple[str, ...]:
    """Return the caller's groups that have a name of their own (not the callers a rule wrote down in place)."""
    return tuple(group for group in decision.groups if ".rules." not in group)


def outcome(decision: Decision) -> Json:
    """Return how the plan ends: `ends` and `voicemail` of a call, `delivers`, `via`, `holds`, `replies` of a text."""
    last = decision.plan[-1] if decision.plan else None
    told: Json = {
        "ends": decision.ends(),
        "voicemail": last.box if isinstance(last, Voicemail) else None,
        "delivers": None,
        "via": None,
        "holds": None,
        "replies": None,
    }
    for step in decision.plan:
        match step:
            case Deliver(people=people, via=via):
                told |= {"delivers": list(people), "via": via}
            case Hold(target=target):
                told["holds"] = target
            case Reply(text=text):
                told["replies"] = text
    return told


def step_json(step: Step) -> Json:
    """Return one step of a plan."""
    match step:
        case Ring():
            return {"ring": list(step.people), "team": step.team, "strategy": step.strategy, "seconds": step.seconds}
        case Say(text=text):
            return {"say": text}
        case Play(source=source):
            return {"play": source}
        case Voicemail(box=box):
            return {"voicemail": box}
        case Reject(reason=reason):
            return {"reject": reason}
        case Hangup():
            return {"hangup": True}
        case Deliver(people=people, via=via):
            return {"deliver": list(people), "via": via}
        case Hold(target=target, until=until):
            return {"hold": target, "until": until}
        case Copy(people=people, via=via):
            return {"copy": list(people), "via": via}
        case Reply(text=text):
            return {"reply": text}
    assert isinstance(step, Drop)
    return {"drop": True}


def in_words(told: Json, zone: ZoneInfo, caller: str) -> str:
    """Tell a decision (as `as_json` gave it, now or when it was recorded) to a person; *caller* is how they may be shown."""
    kind, to = told["kind"], told["to"] or "a number that is not ours"
    caller_is = told["caller"]
    assert isinstance(caller_is, dict)
    who = f"{caller} ({', '.join((caller_is['class'], *caller_is['groups']))})"
    place = f"  ({told['source']})" if told["source"] else ""
    lines = [f"A {kind} to {to} from {who}", f"on {when(told['at'], zone)}", "", f"  decided by  {told['rule']}{place}"]
    lines += labelled("because", told["why"])
    lines += labelled("then", steps_in_words(told["plan"]))
    if told["next_open"]:
        lines += labelled("opens next", [when(told["next_open"], zone)])
    if told["valid_until"]:
        lines += labelled("holds until", [when(told["valid_until"], zone)])
    asked = told["asked"]
    assert isinstance(asked, list)
    answers = [f"{question} {'yes' if said else 'no'}" for question, said in asked]
    return "\n".join([*lines, "", *labelled("asked", wrapped(answers))])


def when(moment: object, zone: ZoneInfo) -> str:
    """Tell an ISO moment on the clock of *zone*: `Sat 28 Nov 2026 11:00 EST`."""
    return f"{datetime.fromisoformat(str(moment)).astimezone(zone):%a %-d %b %Y %H:%M:%S %Z}".replace(":00 ", " ", 1)


def labelled(label: str, texts: object) -> list[str]:
    """Put *label* before the first of *texts* and align the others under it."""
    assert isinstance(texts, list)
    return [f"  {label if index == 0 else '':<11} {text}" for index, text in enumerate(texts)]


def wrapped(words: list[str], width: int = 92) -> list[str]:
    """Join *words* with commas into lines of at most *width* characters."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(word) + 2 <= width:
            lines[-1] += f", {word}"
        else:
            lines.append(word)
    return lines


def steps_in_words(plan: object) -> list[str]:
    """Tell each step of a plan."""
    assert isinstance(plan, list)
    told = [step_in_words(step) for step in plan] or ["nothing is sent by itself"]
    return [f"{index}. {text}" for index, text in enumerate(told, 1)] if len(told) > 1 else told


def step_in_words(step: Json) -> str:
    """Tell one step, as `step_json` gave it."""
    match step:
        case {"ring": [*people], "team": team, "strategy": strategy, "seconds": seconds}:
            return ring_in_words([str(person) for person in people], team, str(strategy), seconds)
        case {"say": text}:
            return f"say “{text}”"
        case {"play": source}:
            return f"play {source}"
        case {"voicemail": box}:
            return f"voicemail {box}"
        case {"reject": reason}:
            return f"refuse the call ({reason})"
        case {"deliver": [*people], "via": via}:
            names = ", ".join(str(person) for person in people)
            return f"deliver to {names}" + (f" (by {via})" if via != names else "")
        case {"hold": target, "until": "open"}:
            return f"wait for the next opening, then go to {target}"
        case {"hold": target}:
            return f"wait until {target} can be reached"
        case {"copy": [*people]}:
            return f"copy to {', '.join(str(person) for person in people)}"
        case {"reply": text}:
            return f"reply “{text}”"
        case {"drop": True}:
            return "nothing more: the text is only recorded"
    return "hang up"


def ring_in_words(people: list[str], team: object, strategy: str, seconds: object) -> str:
    """Tell who is rung, in what way, and for how long."""
    ways = {"in-turn": "one after another", "all-at-once": "all at once", "take-turns": "longest idle first"}
    way = f", {ways[strategy]}" if len(people) > 1 and strategy in ways else ""
    by = f" (by {team})" if team else ""
    each = " each" if way and strategy != "all-at-once" else ""
    return f"ring {', '.join(people)}{way}{by}, {seconds} s{each}"
