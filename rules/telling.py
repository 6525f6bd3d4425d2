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
        case Drop():
            return {"drop": True}


def moment_in_words(moment: int, zone: ZoneInfo) -> str:
    """Tell *moment* (UTC epoch seconds) on the clock of *zone*: `Sat 28 Nov 2026 11:00 EST`."""
    return f"{datetime.fromtimestamp(moment, UTC).astimezone(zone):%a %-d %b %Y %H:%M %Z}"


def in_words(decision: Decision, zone: ZoneInfo, caller: str) -> str:
    """Tell *decision* to a person, times in *zone*; *caller* is how the caller may be shown."""
    groups = named_groups(decision)
    who = f"{caller} ({', '.join((decision.caller_class, *groups))})"
    lines = [f"A {decision.kind} to {decision.number or 'a number that is not ours'} from {who}"]
    lines.append(f"on {moment_in_words(decision.at, zone)}")
    lines.append("")
    place = f"  ({decision.source})" if decision.source else ""
    lines.append(f"  decided by  {decision.rule}{place}")
    lines += labelled("because", list(decision.why))
    lines += labelled("then", steps_in_words(decision))
    if decision.next_open is not None:
        lines.append(f"  opens next  {moment_in_words(decision.next_open, zone)}")
    if decision.valid_until is not None:
        lines.append(f"  holds until {moment_in_words(decision.valid_until, zone)}")
    asked = [f"{question} {'yes' if said else 'no'}" for question, said in decision.asked]
    lines += ["", *labelled("asked", wrapped(asked))]
    return "\n".join(lines)


def labelled(label: str, texts: list[str]) -> list[str]:
    """Put *label* before the first of *texts* and align the others under it."""
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


def steps_in_words(decision: Decision) -> list[str]:
    """Tell each step of a plan."""
    if not decision.plan:
        return ["nothing is sent by itself"]
    told = [step_in_words(step) for step in decision.plan]
    return [f"{index}. {text}" for index, text in enumerate(told, 1)] if len(told) > 1 else told


def step_in_words(step: Step) -> str:
    """Tell one step."""
    match step:
        case Ring():
            return ring_in_words(step)
        case Say(text=text):
            return f"say “{text}”"
        case Play(source=source):
            return f"play {source}"
        case Voicemail(box=box, greeting=greeting):
            heard = f": “{greeting.text}”" if isinstance(greeting, Say) else ""
            return f"voicemail {box}{heard}"
        case Reject(reason=reason):
            return f"refuse the call ({reason})"
        case Hangup():
            return "hang up"
        case Deliver(people=people, via=via, one=one):
            names = ", ".join(people)
            who = f"whose turn it is of {names}" if one and len(people) > 1 else names
            return f"deliver to {who}" + (f" (by {via})" if via != names else "")
        case Hold(target=target, until="open"):
            return f"wait for the next opening, then go to {target}"
        case Hold(target=target):
            return f"wait until {target} can be reached"
        case Copy(people=people):
            return f"copy to {', '.join(people)}"
        case Reply(text=text):
            return f"reply “{text}”"
        case Drop():
            return "nothing more: the text is only recorded"


def ring_in_words(ring: Ring) -> str:
    """Tell who is rung, in what way, and for how long."""
    ways = {
        "in-turn": ", one after another",
        "all-at-once": ", all at once",
        "take-turns": ", longest idle first",
        "rota": "",
    }
    several = len(ring.people) > 1
    team = f" (by {ring.team})" if ring.team else ""
    each = " each" if several and ring.strategy in ("in-turn", "take-turns") else ""
    return f"ring {', '.join(ring.people)}{ways[ring.strategy] if several else ''}{team}, {ring.seconds} s{each}"
