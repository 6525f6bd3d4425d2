"""A plan in one line, for lists of many: `ring front (in-turn: dana, ben) -> voicemail main`."""

from collections.abc import Iterable

from rules.plan import Copy, Deliver, Drop, Hangup, Hold, Play, Reject, Reply, Ring, Say, Step, Voicemail

ARROW = " -> "
INSTEAD = {
    "safety:relay": "taken for a teammate's answer to a customer",
    "safety:command": "taken for a teammate's command",
}


def plan_briefly(plan: Iterable[Step]) -> str:
    """Tell a plan in one line."""
    return ARROW.join(map(step_briefly, plan)) or "nothing is sent by itself"


def answer_briefly(rule: str, plan: Iterable[Step]) -> str:
    """Tell what *rule* decided; what a teammate writes has no plan of steps."""
    return INSTEAD.get(rule) or plan_briefly(plan)


def step_briefly(step: Step) -> str:
    """Tell what a step does and with whom; how long and in which words is left out."""
    match step:
        case Ring(people=people, team=team, strategy=strategy):
            names = ", ".join(people)
            return f"ring {team} ({strategy}: {names})" if team else f"ring {names}"
        case Say(text=text):
            return f"say “{shortened(text)}”"
        case Play(source=source):
            return f"play {shortened(source)}"
        case Voicemail(box=box):
            return f"voicemail {box}"
        case Reject(reason=reason):
            return f"refuse ({reason})"
        case Hangup():
            return "hang up"
        case Deliver(people=people, via=via):
            names = ", ".join(people)
            return f"deliver to {names}" if via == names else f"deliver to {via} ({names})"
        case Hold(target=target, until=until):
            return f"hold for {target} until {'open' if until == 'open' else 'somebody is in'}"
        case Copy(people=people, via=via):
            names = ", ".join(people)
            return f"copy to {names}" if via == names else f"copy to {via} ({names})"
        case Reply(text=text):
            return f"reply “{shortened(text)}”"
    assert isinstance(step, Drop)
    return "record only"


def step_fully(step: Step) -> str:
    """Tell a step with everything it holds, for telling apart two that are told alike briefly."""
    match step:
        case Ring(people=people, strategy=strategy, seconds=seconds):
            each = " each" if len(people) > 1 and strategy in ("in-turn", "take-turns") else ""
            way = "" if step.team else f" ({strategy})"
            return f"{step_briefly(step)}{way}, {seconds} s{each}"
        case Say(text=text, language=language):
            return f"say “{text}”{_in(language)}"
        case Play(source=source):
            return f"play {source}"
        case Voicemail(box=box, greeting=greeting, max_seconds=seconds, transcribe=transcribe):
            first = step_fully(greeting) if greeting else "no greeting"
            written = ", written down" if transcribe else ""
            return f"voicemail {box} ({first}; at most {seconds} s{written})"
        case Deliver(one=one):
            return f"{step_briefly(step)}, {'whose turn it is' if one else 'all of them'}"
        case Reply(text=text):
            return f"reply “{text}”"
    return step_briefly(step)


def shortened(text: str, most: int = 48) -> str:
    """Cut *text* to at most *most* characters, at a word."""
    if len(text) <= most:
        return text
    words = text[: most - 1]
    return (words.rsplit(" ", 1)[0] if " " in words else words) + "…"


def _in(language: str | None) -> str:
    return f" in {language}" if language else ""
