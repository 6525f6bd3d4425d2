"""The business numbers of a file, made to run: steps, rules, texts, and who may bring events for them."""

from collections.abc import Mapping
from typing import get_args

import attrs

from rules.book import CallBlock, Common, Number, Rule, TextBlock
from rules.callers import CallerClass
from rules.compile_steps import KEPT_SECONDS, Steps, texts
from rules.hours import Schedule
from rules.phone import e164
from rules.plan import Voicemail
from rules.schedules import Schedules, written
from rules.sipuri import sip_uri
from rules.source import Mark
from rules.spec import (
    FileSpec,
    GroupSpec,
    NumberSpec,
    RingSpec,
    RuleSpec,
    Word,
)
from rules.words import Words

CLASSES = frozenset(get_args(CallerClass))
WAITING = TextBlock((), frozenset(), (), True, None, False, None)
"""What happens to a text where nobody wrote what."""


def fallback_words(spec: FileSpec, number: NumberSpec) -> tuple[Word, ...]:
    """
    Return who gets the texts to *number* when nothing is written about them: whoever hears of what was missed on it.

    That is `missed: {notify}`, else `notify` of its voicemail box, else whom its calls ring first.
    """
    if number.missed and number.missed.notify:
        return number.missed.notify
    box = spec.boxes.get(number.voicemail.text) if number.voicemail else None
    if box and box.notify:
        return box.notify
    steps = (*(number.calls_open or ()), *(number.calls_closed or ()))
    return next((step.targets for step in steps if isinstance(step, RingSpec)), ())


@attrs.frozen(eq=False)
class Made:
    """A number, and the groups its rules wrote down in place."""

    number: Number
    groups: dict[str, GroupSpec]


@attrs.frozen(eq=False)
class NumberCompiler:
    """Makes the numbers of one file."""

    spec: FileSpec
    common: Common
    schedules: Schedules
    steps: Steps
    region: str | None
    language: str | None = attrs.field(init=False)

    @language.default
    def _of_the_business(self) -> str | None:
        return written(self.spec.business.language)

    def numbers(self, times: dict[str, Schedule]) -> dict[str, Made]:
        """Make every number; hours written in place are added to *times* as `open:<number>:own`."""
        return {name: self.number(spec, times) for name, spec in self.spec.numbers.items()}

    def number(self, spec: NumberSpec, times: dict[str, Schedule]) -> Made:
        """Make one number."""
        groups: dict[str, GroupSpec] = {}
        vias: dict[str, frozenset[str]] = {}
        language = written(spec.language) or self.language
        rules = tuple([self.rule(spec.name, rule, language, groups, vias) for rule in spec.rules])
        schedule = self.schedules.of(spec.hours, None)
        hours = None
        if schedule:
            hours = f"open:{spec.hours.text}" if isinstance(spec.hours, Word) else f"open:{spec.name}:own"
            times[hours] = schedule
        blocks, places = self.blocks(spec, language)
        text_blocks = [block for block in blocks.values() if isinstance(block, TextBlock)]
        asked = {question for rule in rules for choice in rule.conditions for question in choice}
        number = Number(
            name=spec.name,
            e164=self.canonical(spec.number.text),
            at=spec.at,
            providers={"call": spec.provider.calls.text, "text": spec.provider.texts.text},
            also_from=frozenset(texts(spec.provider.also_from)),
            hours=hours,
            zone=schedule.zone if schedule else self.schedules.zone,
            language=language,
            rules=rules,
            blocks=blocks,
            places=places,
            last_resort=self.last_resort(spec, language),
            text_fallback=self.text_fallback(spec, text_blocks),
            notify_missed=texts(spec.missed.notify) if spec.missed else (),
            text_back=written(spec.missed.text_back) if spec.missed else None,
            words=self.words(text_blocks, rules, asked),
            vias=vias,
            listens_for=frozenset([question.removeprefix("from:") for question in asked]),
            common=self.common,
            prefers_last=spec.prefer is not None,
        )
        return Made(number, groups)

    def text_fallback(self, spec: NumberSpec, blocks: list[TextBlock]) -> tuple[str, ...]:
        """Return whom a text is for that no rule names anybody for; the number's own name when there is nobody."""
        named = next((block.targets for block in blocks if block.targets), ())
        return named or texts(fallback_words(self.spec, spec)) or (spec.name,)

    def words(self, blocks: list[TextBlock], rules: tuple[Rule, ...], asked: set[str]) -> Mapping[str, Words]:
        """Return the words a number listens for, by the question that asks for them; *asked* are the questions of its rules."""
        if not self.steps.words:
            return {}
        heard = [*blocks, *(rule.texts for rule in rules), *(plan.texts for plan in self.common.plans.values())]
        questions = {block.urgent.question for block in heard if block and block.urgent}
        questions |= asked & self.steps.words.keys()
        return {question: self.steps.words[question] for question in sorted(questions)}

    def canonical(self, written_as: str) -> str:
        """Return the form a number is found by: E.164, or a `sip:` address in one spelling."""
        if uri := sip_uri(written_as):
            return uri.key
        number = e164(written_as, self.region)
        assert number is not None
        return number

    def blocks(
        self, spec: NumberSpec, language: str | None
    ) -> tuple[Mapping[str, CallBlock | TextBlock], Mapping[str, Mark]]:
        """Return the four blocks of a number and where each is written; a block nobody wrote is voicemail, or waiting."""
        calls = {"calls.open": spec.calls_open, "calls.closed": spec.calls_closed}
        messages = {"texts.open": spec.texts_open, "texts.closed": spec.texts_closed}
        blocks: dict[str, CallBlock | TextBlock] = {}
        places: dict[str, Mark] = {}
        for name, steps in calls.items():
            blocks[name] = self.steps.calls(steps, language) or ()
            places[name] = steps[0].at if steps else spec.at
        for name, block in messages.items():
            blocks[name] = self.steps.text_block(block) or WAITING
            places[name] = block.at if block else spec.at
        return blocks, places

    def last_resort(self, spec: NumberSpec, language: str | None) -> Voicemail:
        """Return the voicemail that ends every plan of this number which has no end of its own."""
        failsafe = self.spec.failsafe.voicemail
        name = written(spec.voicemail) or written(failsafe) or next(iter(self.spec.boxes), None)
        if name is None:
            return Voicemail("voicemail", None, KEPT_SECONDS)
        return self.steps.voicemail(self.spec.boxes[name], language)

    def rule(
        self,
        number: str,
        spec: RuleSpec,
        language: str | None,
        groups: dict[str, GroupSpec],
        vias: dict[str, frozenset[str]],
    ) -> Rule:
        """
        Make one rule of the *number* of that name, whose *language* words are spoken in.

        Callers written in place become a group of the rule's own, added to *groups*.
        """
        name = f"{number}.rules.{spec.name.text}"
        conditions: list[tuple[str, ...]] = []
        if spec.callers:
            known = [word.text for word in spec.callers if word.text in self.spec.groups or word.text in CLASSES]
            if len(known) < len(spec.callers):
                groups[name] = GroupSpec(name, tuple([w for w in spec.callers if w.text not in known]), False, spec.at)
                known.append(name)
            conditions.append(tuple([f"from:{each}" for each in known]))
        if spec.via:
            vias[f"via:{name}"] = frozenset(self.via(word.text) for word in spec.via)
            conditions.append((f"via:{name}",))
        if spec.words:
            conditions.append((self.steps.listen(spec.words),))
        when = written(spec.when)
        return Rule(
            name=spec.name.text,
            conditions=tuple(conditions),
            when=when if when in (None, "open", "closed") else f"open:{when}",
            calls=self.steps.calls(spec.calls, language),
            texts=self.steps.text_block(spec.texts),
            at=spec.at,
        )

    def via(self, written_as: str) -> str:
        """Return the number a call was diverted from: one of ours by name, or any number."""
        ours = self.spec.numbers.get(written_as)
        return self.canonical(ours.number.text if ours else written_as)
