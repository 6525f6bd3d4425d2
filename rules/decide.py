"""
The decision: one pure, total function, `decide(ask, inquiry)`.

Layers in a fixed order: refused, safety, block, a plan switched on, rules, hours; then targets become people. It sees the
world only through `ask`; whoever calls chooses what that means: one moment, or a set of them.
"""

import attrs

from rules.book import CallBlock, Number, RingStep, TextBlock
from rules.directory import EvenIf
from rules.event import Kind
from rules.inquiry import Absences, Inquiry, Override
from rules.plan import (
    CallStep,
    Copy,
    Deliver,
    Drop,
    Hangup,
    Hold,
    Layer,
    Reject,
    Reply,
    Ring,
    Step,
    TextStep,
    Voicemail,
)
from rules.relay.emergency import answer
from rules.resolve import AS_WRITTEN, Ask, Resolver
from rules.source import Mark

SKIPPED = "nobody to ring in {}: step skipped"
"""What is noted of a step that would ring nobody; `check` looks for it."""


@attrs.frozen
class Verdict:
    """What `decide` says: the rule that decided and where it stands, the plan (templates not filled in), and why."""

    rule: str
    layer: Layer
    source: Mark | None
    plan: tuple[Step, ...]
    why: tuple[str, ...]


def decide(
    ask: Ask, inquiry: Inquiry, overrides: tuple[Override, ...] = (), absences: Absences = AS_WRITTEN
) -> Verdict:
    """
    Choose the plan for *inquiry*; *ask* is all it may know of the world.

    *overrides* are those that may concern this number, newest first; *absences* those of people who have some beyond the
    file's. Pure and total: no clock, no I/O, no exception; the same answers give the same verdict.
    """
    number = inquiry.number
    if number is None:
        refusal: Step = Reject("declined") if inquiry.kind == "call" else Drop()
        return Verdict("refused", "refused", None, (refusal,), (inquiry.refused or "refused",))
    judge = _Judge(ask, inquiry.kind, number, absences, [])
    safety = judge.call_safety() if inquiry.kind == "call" else judge.text_safety(inquiry)
    if safety:
        return safety
    verdict = judge.block() or judge.switched_on(overrides) or judge.rules(overrides) or judge.hours(overrides)
    return judge.emergency(verdict) if "emergency" in inquiry.facts and ask("emergency") else verdict


@attrs.frozen
class _Judge:
    """One event on its way through the layers; each layer returns a verdict or passes it on."""

    ask: Ask
    kind: Kind
    number: Number
    absences: Absences
    notes: list[str]

    def verdict(self, rule: str, layer: Layer, source: Mark | None, plan: tuple[Step, ...]) -> Verdict:
        return Verdict(rule, layer, source, plan, tuple(self.notes))

    # ------------------------------------------------------------ layers

    def call_safety(self) -> Verdict | None:
        if self.ask("diverted-too-often"):
            self.notes.append("forwarded too often: a message is taken instead")
        elif (self.ask("from:teammate") or self.ask("via:teammate")) and self.ask("ringing-now"):
            self.notes.append("this phone is being rung by us right now: a message is taken instead")
        else:
            return None
        return self.verdict("safety:loop", "safety", None, (self.number.last_resort,))

    def text_safety(self, inquiry: Inquiry) -> Verdict | None:
        for word in ("stop", "start", "help"):
            if self.ask(word):
                self.notes.append(f"the sender wrote {word.upper()}")
                return self.verdict(f"safety:{word}", "safety", None, self.confirmation(word))
        sender = inquiry.caller.person
        if sender is None or not self.ask("from:teammate"):
            return None
        left = self.number.directory.people[sender].left
        if left and self.ask(left):
            return None
        rule = "safety:command" if self.ask("command") else "safety:relay"
        self.notes.append(f"written by {sender}, one of us")
        return self.verdict(rule, "safety", None, ())

    def block(self) -> Verdict | None:
        if not self.ask("blocked"):
            return None
        self.notes.append("the caller is blocked")
        answer = self.number.common.block_answer
        if self.kind == "text":
            return self.verdict("block", "block", self.number.common.block_at, (Drop(),))
        end: CallStep = self.number.last_resort if answer == "voicemail" else Reject(answer)
        return self.verdict("block", "block", self.number.common.block_at, (end,))

    def switched_on(self, overrides: tuple[Override, ...]) -> Verdict | None:
        for override in overrides:
            plan = self.number.common.plans.get(override.plan) if override.plan else None
            if plan and plan.block(self.kind) is not None and self.ask(override.question):
                self.notes.append(f"the plan {plan.name} is switched on {override.note}")
                steps = self.steps(plan.block(self.kind), overrides)
                return self.verdict(f"plan:{plan.name}", "plan", plan.at, steps)
        return None

    def rules(self, overrides: tuple[Override, ...]) -> Verdict | None:
        for rule in self.number.rules:
            block = rule.block(self.kind)
            if block is None or not all(any(map(self.ask, choice)) for choice in rule.conditions):
                continue
            if rule.when in ("open", "closed"):
                if self.is_open(overrides) != (rule.when == "open"):
                    continue
            elif rule.when and not self.ask(rule.when):
                continue
            name = f"{self.number.name}.rules.{rule.name}"
            return self.verdict(name, "rules", rule.at, self.steps(block, overrides))
        return None

    def hours(self, overrides: tuple[Override, ...]) -> Verdict:
        part = "open" if self.is_open(overrides) else "closed"
        self.notes.append(f"{self.number.name} is {part}")
        place = f"{self.kind}s.{part}"
        block = self.number.blocks[place]
        name = f"{self.number.name}.{place}"
        return self.verdict(name, "hours", self.number.places[place], self.steps(block, overrides))

    def is_open(self, overrides: tuple[Override, ...]) -> bool:
        for override in overrides:
            if override.opens is not None and self.ask(override.question):
                self.notes.append(f"switched {'open' if override.opens else 'closed'} {override.note}")
                return override.opens
        return self.number.hours is None or self.ask(self.number.hours)

    # ------------------------------------------------------------ plans

    def steps(self, block: "CallBlock | TextBlock | None", overrides: tuple[Override, ...]) -> tuple[Step, ...]:
        if isinstance(block, TextBlock):
            return self.text_plan(block, overrides)
        return self.call_plan(block or ())

    def call_plan(self, steps: CallBlock) -> tuple[CallStep, ...]:
        plan: list[CallStep] = []
        tried: frozenset[str] = frozenset()
        first = True
        for step in steps:
            if isinstance(step, RingStep):
                if self.number.common.limits_forwards and self.ask("limit:forwards"):
                    self.notes.append("too many calls have been forwarded within the hour: nobody is rung")
                    return (*plan, self.number.last_resort)
                rings = self.ring(step, tried)
                if first:
                    rings, first = (*self.spoken_with(steps, rings), *rings), False
                tried |= {person for ring in rings for person in ring.people}
                plan += rings
                continue
            plan.append(step)
            if isinstance(step, Voicemail | Reject | Hangup):
                return tuple(plan)
        return (*plan, self.number.last_resort)

    def ring(self, step: RingStep, tried: frozenset[str]) -> tuple[Ring, ...]:
        found = self.resolver(tried).targets(step.targets, step.even_if)
        if not found.people:
            self.notes.append(SKIPPED.format(", ".join(step.targets)))
            return ()
        seconds = step.seconds or found.each or self.number.directory.ring_for
        return (Ring(found.people, found.team, found.how, seconds),)

    def spoken_with(self, steps: CallBlock, rings: tuple[Ring, ...]) -> tuple[Ring, ...]:
        """Return the step that rings whoever spoke with the caller lately, if they are here; *rings* would be the first."""
        if not self.number.prefers_last or not self.ask("spoke-lately"):
            return ()
        named = [(name, step) for step in steps if isinstance(step, RingStep) for name in self.named(step.targets)]
        found = next(((name, step) for name, step in named if self.ask(f"spoke-with:{name}")), None)
        if found is None:
            return ()
        name, step = found
        if self.resolver().presence(self.number.directory.people[name], step.even_if) is not True:
            self.notes.append(f"{name} spoke with this caller within the last day, and is not here now")
            return ()
        self.notes.append(f"{name} spoke with this caller within the last day: rung first")
        if rings and rings[0].rounds()[0] == (name,):
            return ()
        return (Ring((name,), None, "all-at-once", step.seconds or self.number.directory.ring_for),)

    def named(self, targets: tuple[str, ...]) -> tuple[str, ...]:
        """Return the people *targets* name, by themselves or as members of a team."""
        teams = self.number.directory.teams
        return tuple(person for name in targets for person in (teams[name].members if name in teams else (name,)))

    def text_plan(self, block: TextBlock, overrides: tuple[Override, ...]) -> tuple[TextStep, ...]:
        if block.urgent and self.ask(block.urgent.question):
            self.notes.append("an urgent word was written")
            plan = [self.deliver(block.urgent.targets, block.urgent.even_if)]
            return (*plan, *self.copies(block))
        plan = [] if block.drop else [self.deliver_or_hold(block, overrides)]
        plan += self.copies(block)
        if block.reply:
            plan += self.reply(block.reply)
        return tuple(plan) or (Drop(),)

    def deliver_or_hold(self, block: TextBlock, overrides: tuple[Override, ...]) -> TextStep:
        targets = block.targets or self.number.text_fallback
        if block.hold and not self.is_open(overrides):
            return Hold(", ".join(targets), "open")
        return self.deliver(targets, block.even_if)

    def deliver(self, targets: tuple[str, ...], even_if: EvenIf) -> TextStep:
        found = self.resolver().targets(targets, even_if)
        via = ", ".join(targets)
        if not found.people:
            self.notes.append(f"nobody of {via} can be reached now: the text waits for them")
            return Hold(via, "reachable")
        return Deliver(found.people, via, one=found.how == "take-turns")

    def copies(self, block: TextBlock) -> list[TextStep]:
        found = self.resolver().targets(block.copy, block.even_if)
        return [Copy(found.people, ", ".join(block.copy))] if found.people else []

    def confirmation(self, word: str) -> tuple[TextStep, ...]:
        if self.ask("answered-by-provider"):
            self.notes.append("the provider has answered already")
            return ()
        if not self.ask("repliable") or (word == "stop" and self.ask("opted-out")):
            return ()
        return (Reply(self.number.common.confirmations[word]),)

    def emergency(self, verdict: Verdict) -> Verdict:
        """Answer a text that is an emergency number by saying that nobody watches; it goes where the rules say all the same."""
        self.notes.append("the sender wrote an emergency number")
        plan: list[Step] = [step for step in verdict.plan if not isinstance(step, Reply)]
        plan += self.reply(answer(self.number.e164))
        return self.verdict(verdict.rule, verdict.layer, verdict.source, tuple(plan))

    def reply(self, text: str) -> list[TextStep]:
        if not self.ask("repliable"):
            self.notes.append("no automatic reply: the sender is not an ordinary number")
        elif self.ask("opted-out"):
            self.notes.append("no automatic reply: the sender has opted out")
        elif self.ask("limit:auto-reply"):
            self.notes.append("no automatic reply: the sender has had one just now")
        else:
            return [Reply(text)]
        return []

    def resolver(self, tried: frozenset[str] = frozenset()) -> Resolver:
        return Resolver(self.ask, self.kind, self.number.directory, self.notes, tried, self.absences)
