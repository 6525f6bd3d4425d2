"""
What was written: every section of a rule file as read, names unresolved, each value with its place.

Reading (`rules.parse`) makes these, the checks (`rules.check`) compare them with each other, and
`rules.compile` turns them into the book that runs. Nothing here decides anything.
"""

from functools import cached_property

import attrs

from rules.source import Mark
from rules.spec.office import (
    AbsenceSpec,
    BlockSpec,
    BusinessSpec,
    CalendarSpec,
    DefaultsSpec,
    DeviceSpec,
    GroupSpec,
    HolidayChanges,
    PersonSpec,
    ScheduleSpec,
    TeamSpec,
)
from rules.spec.ops import FailsafeSpec, ListenSpec, ProviderSpec, SafetySpec
from rules.spec.routing import (
    BoxSpec,
    CallStepSpec,
    Greeting,
    HangupSpec,
    MissedSpec,
    NumberProviderSpec,
    NumberSpec,
    PlanSpec,
    PlaySpec,
    RejectSpec,
    RepliesSpec,
    RingSpec,
    RuleSpec,
    SaySpec,
    TextBlockSpec,
    UrgentSpec,
    VoicemailStepSpec,
)
from rules.spec.sending import ApiKeySpec, MailSpec, WebhookSpec
from rules.spec.words import Seconds, Secret, Word

__all__ = [
    "AbsenceSpec",
    "ApiKeySpec",
    "BlockSpec",
    "BoxSpec",
    "BusinessSpec",
    "CalendarSpec",
    "CallStepSpec",
    "DefaultsSpec",
    "DeviceSpec",
    "FailsafeSpec",
    "FileSpec",
    "Greeting",
    "GroupSpec",
    "HangupSpec",
    "HolidayChanges",
    "ListenSpec",
    "MailSpec",
    "MissedSpec",
    "NumberProviderSpec",
    "NumberSpec",
    "PersonSpec",
    "PlanSpec",
    "PlaySpec",
    "ProviderSpec",
    "RejectSpec",
    "RepliesSpec",
    "RingSpec",
    "RuleSpec",
    "SafetySpec",
    "SaySpec",
    "ScheduleSpec",
    "Seconds",
    "Secret",
    "TeamSpec",
    "TextBlockSpec",
    "UrgentSpec",
    "VoicemailStepSpec",
    "WebhookSpec",
    "Word",
]


@attrs.frozen
class FileSpec:
    """
    Everything that was written, of all files together; dicts keep the order of the files.

    *names* tells, for each section with names, where each was given, also those of entries too broken to be in here.
    """

    main: str
    listen: ListenSpec
    public_url: Word | None
    state: Word
    providers: dict[str, ProviderSpec]
    safety: SafetySpec
    failsafe: FailsafeSpec
    mail: MailSpec | None
    webhooks: dict[str, WebhookSpec]
    business: BusinessSpec
    defaults: DefaultsSpec
    schedules: dict[str, ScheduleSpec]
    people: dict[str, PersonSpec]
    teams: dict[str, TeamSpec]
    groups: dict[str, GroupSpec]
    block: BlockSpec
    numbers: dict[str, NumberSpec]
    boxes: dict[str, BoxSpec]
    plans: dict[str, PlanSpec]
    replies: RepliesSpec
    tests: tuple[Word, ...]
    names: dict[str, dict[str, Mark]] = attrs.field(factory=dict, eq=False)

    @cached_property
    def call_steps(self) -> tuple[CallStepSpec, ...]:
        """Each step of each list of call steps, wherever it stands. A dozen checks go through them."""
        found: list[CallStepSpec] = []
        for number in self.numbers.values():
            for rule in number.rules:
                found += rule.calls or ()
            found += number.calls_open or ()
            found += number.calls_closed or ()
        for plan in self.plans.values():
            found += plan.calls or ()
        return tuple(found)

    @cached_property
    def text_blocks(self) -> tuple[TextBlockSpec, ...]:
        """Each block that says what happens to a text."""
        found: list[TextBlockSpec | None] = []
        for number in self.numbers.values():
            found += [rule.texts for rule in number.rules]
            found += (number.texts_open, number.texts_closed)
        found += [plan.texts for plan in self.plans.values()]
        return tuple([block for block in found if block is not None])
