"""
What was written: every section of a rule file as read, names unresolved, each value with its place.

Reading (`rules.parse`) makes these, the checks (`rules.check`) compare them with each other, and
`rules.compile` turns them into the book that runs. Nothing here decides anything.
"""

import attrs

from rules.source import Mark
from rules.spec.office import (
    AbsenceSpec,
    BlockSpec,
    BusinessSpec,
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
from rules.spec.words import Seconds, Secret, Word

__all__ = [
    "AbsenceSpec",
    "BlockSpec",
    "BoxSpec",
    "BusinessSpec",
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
