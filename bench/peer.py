"""
The same question put to `zen-engine` (GoRules, Rust): one precompiled decision graph for each business number.

It gets more ready-made than we do: who the caller is (groups, withheld), what kind of day it is and the minute of the day.
It says which rule holds, from two decision tables, hours and rules; no people, no absences, no trace, no reasons.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from bench.naive import WITHHELD, Naive, names
from bench.naive_hours import Hours, Spans

Context = dict[str, Any]


class Peer:
    """The numbers of a company as zen decisions; raises `ImportError` when zen-engine is not installed."""

    def __init__(self, naive: Naive) -> None:
        from zen import ZenDecisionContent, ZenEngine

        self.naive = naive
        contents = {called: ZenDecisionContent(json.dumps(graph(naive, called))) for called in naive.numbers}
        self.engine = ZenEngine({"loader": contents.__getitem__})

    def context(self, called: str, caller: str, at: int) -> Context:
        """Prepare what the tables compare; not part of what is measured."""
        hours = self.naive.schedules[self.naive.numbers[called][1]["hours"]]
        local = datetime.fromtimestamp(at, hours.zone)
        groups = [name for name, group in self.naive.groups.items() if group.has(caller)]
        exact = any(caller in group.exact for group in self.naive.groups.values())
        return {
            "groups": [
                *groups,
                *(["anonymous"] if caller in WITHHELD else []),
                *(["blocked"] if self.naive.block.has(caller) and not exact else []),
            ],
            "day": hours.kind(local.date()),
            "before": hours.kind(local.date() - timedelta(days=1)),
            "minute": local.hour * 60 + local.minute,
        }

    def decide(self, called: str, context: Context) -> str:
        """Return the rule that decides."""
        rule: str = self.engine.evaluate(called, context)["result"]["rule"]
        return rule


def graph(naive: Naive, called: str) -> dict[str, Any]:
    """Return a number as a JDM graph: is it open, then which rule."""
    name, number = naive.numbers[called]
    rules = [("block", '"blocked" in groups', "")]
    for rule in number.get("rules", ()):
        if "calls" in rule:
            who = " or ".join(f'"{entry}" in groups' for entry in names(rule["from"]))
            rules.append(
                (f"{name}.rules.{rule['name']}", who, {"open": "true", "closed": "false"}.get(rule.get("when", ""), ""))
            )
    rules += [(f"{name}.calls.open", "", "true"), (f"{name}.calls.closed", "", "")]
    hours = [*spans(naive.schedules[number["hours"]]), ("", "", "", "false")]
    tables = [
        table("hours", [("day", "day"), ("before", "before"), ("minute", "minute")], "open", hours),
        table(
            "rules",
            [("who", None), ("is", "open")],
            "rule",
            [(who, is_open, f'"{rule}"') for rule, who, is_open in rules],
        ),
    ]
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode"},
        *tables,
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    ids = [node["id"] for node in nodes]
    edges = [
        {"id": f"{one}-{other}", "type": "edge", "sourceId": one, "targetId": other} for one, other in pairwise(ids)
    ]
    return {"nodes": nodes, "edges": edges}


def spans(hours: Hours) -> Iterator[tuple[str, str, str, str]]:
    """Yield a row for each kind of day and span; what runs past midnight belongs to the day before."""
    for kind, day in hours.plans.items():
        yield from ((f'"{kind}"', "", minutes, "true") for minutes in within(day, 0))
        yield from (("", f'"{kind}"', minutes, "true") for minutes in within(day, 86400))


def within(day: Spans, start: int) -> Iterator[str]:
    """Yield the parts of *day* in the 24 hours from *start* (seconds) as ranges of minutes."""
    for opens, closes in day:
        first, last = max(opens - start, 0) // 60, min(closes - start, 86400) // 60
        if first < last:
            yield f"[{first}..{last})"


def table(
    name: str, inputs: list[tuple[str, str | None]], output: str, rows: Sequence[tuple[str, ...]]
) -> dict[str, Any]:
    """Return a decision table, first row that fits; an input without a field is a whole expression."""
    return {
        "id": name,
        "name": name,
        "type": "decisionTableNode",
        "content": {
            "hitPolicy": "first",
            "passThrough": name == "hours",
            "inputs": [{"id": at, "name": at, **({"field": field} if field else {})} for at, field in inputs],
            "outputs": [{"id": output, "name": output, "field": output}],
            "rules": [
                {"_id": str(at), **dict(zip([*(one for one, _ in inputs), output], row, strict=True))}
                for at, row in enumerate(rows)
            ],
        },
    }
