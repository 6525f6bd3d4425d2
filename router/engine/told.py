"""A decision told for its record and its metric, and who comes first where people take turns; pure."""

import attrs

from router.clock import iso_seconds
from router.engine.shared import Json
from rules.plan import Decision, Deliver, Drop, Hold, Ring, Step
from rules.telling import named_groups, outcome, step_json


def takes_turns(step: Step) -> bool:
    """Say whether who is longest idle matters for *step*."""
    return (isinstance(step, Ring) and step.strategy == "take-turns") or (isinstance(step, Deliver) and step.one)


def people_of(step: Step) -> tuple[str, ...]:
    """Return who takes turns in *step*."""
    return step.people if isinstance(step, Ring | Deliver) else ()


def turned(plan: tuple[Step, ...], orders: tuple[tuple[str, ...], ...]) -> tuple[Step, ...]:
    """Return *plan* with the people of each step that takes turns in the order given; a text goes to the first alone."""
    order = iter(orders)
    steps: list[Step] = []
    for step in plan:
        if isinstance(step, Ring) and takes_turns(step):
            step = attrs.evolve(step, people=next(order))
        elif isinstance(step, Deliver) and takes_turns(step):
            step = attrs.evolve(step, people=next(order)[:1])
        steps.append(step)
    return tuple(steps)


def action_of(decision: Decision) -> str:
    """Say in one word what a decision comes to; a closed set, for the metric."""
    if decision.kind == "call":
        return "ring" if any(isinstance(step, Ring) for step in decision.plan) else decision.ends() or "none"
    if decision.rule in ("safety:relay", "safety:command"):
        return decision.rule.removeprefix("safety:")
    for step in decision.plan:
        match step:
            case Deliver():
                return "deliver"
            case Hold():
                return "hold"
            case Drop():
                return "drop"
    return "reply" if decision.plan else "none"


def public_of(decision: Decision) -> Json:
    """Return what the record of *decision* shows, as far as it is the same for every event decided alike."""
    told = outcome(decision)
    del told["replies"]
    return {
        "number": decision.number,
        "caller_class": decision.caller_class,
        "groups": named_groups(decision),
        "rule": decision.rule,
        "layer": decision.layer,
        "source": str(decision.source) if decision.source else None,
        "plan": [step_json(step) for step in decision.plan],
        "tries": decision.tries(),
        "rings": decision.rings(),
        **told,
        "asked": decision.asked,
        "why": decision.why,
        "next_open": iso_seconds(decision.next_open),
        "valid_until": iso_seconds(decision.valid_until),
        "ruleset": decision.ruleset,
    }
