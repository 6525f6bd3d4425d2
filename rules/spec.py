"""
What was written: every section of a rule file as read, names unresolved, each value with its place.

Reading (`rules.parse`) makes these, the checks (`rules.check`) compare them with each other, and
`rules.compile` turns them into the book that runs. Nothing here decides anything.
"""

from datetime import date
from typing import Literal, NamedTuple

import attrs

from rules.schedule import ScheduleBody
from rules.source import Mark


class Word(NamedTuple):
    """A name or value as written, and where."""

    text: str
    at: Mark


class Seconds(NamedTuple):
    """A duration (`20s`, `2m`, `72h`) in seconds, and where it was written."""

    value: int
    at: Mark


class Secret(NamedTuple):
    """Where a secret is kept, never the secret: `env:NAME` or `file:PATH`."""

    source: Literal["env", "file"]
    name: str
    at: Mark


# ---------------------------------------------------------------- for ops


@attrs.frozen
class ListenSpec:
    """Listeners, each `HOST:PORT` or `unix:PATH`; *metrics* may stand apart from *admin*."""

    public: Word
    admin: Word | None
    metrics: Word | None
    trusted_proxies: tuple[Word, ...]
    at: Mark


@attrs.frozen
class ProviderSpec:
    """
    One provider account: which adapter speaks with it and how it signs.

    *secrets*: any verifies, the first signs and sends. *signing_keys* are Twilio's named keys of the newer
    SHA-256 scheme (without them the secrets are tried); *algorithms* the schemes accepted.
    """

    name: str
    adapter: Word
    account: Secret | Word | None
    secrets: tuple[Secret, ...]
    signing_keys: dict[str, Secret]
    algorithms: tuple[Literal["sha1", "sha256"], ...]
    at: Mark


@attrs.frozen
class SafetySpec:
    """Where calls and texts may go at all, and how often; None where the file is silent."""

    countries: tuple[Word, ...] | None
    max_diversions: int
    max_legs: int
    max_forwards_per_hour: int | None
    at: Mark | None


@attrs.frozen
class FailsafeSpec:
    """What a caller hears when switchhook itself is in trouble."""

    say: Word | None
    voicemail: Word | None
    at: Mark | None


# ---------------------------------------------------------------- for the office


@attrs.frozen
class HolidayChanges:
    """Names of public holidays to work on, and dates to add, for one country and region."""

    skip: tuple[Word, ...] = ()
    add: tuple[tuple[date, Word], ...] = ()


@attrs.frozen
class BusinessSpec:
    """The business: its name, zone, country and region, holidays it changes, language it speaks."""

    name: Word
    timezone: Word
    country: Word | None
    region: Word | None
    holidays: HolidayChanges
    language: Word | None
    at: Mark


@attrs.frozen
class DefaultsSpec:
    """What holds where nothing nearer is said."""

    ring_for: Seconds
    press_1: Literal["outside", "always", "never"]
    teammate_sees: Literal["caller", "business"]


@attrs.frozen
class ScheduleSpec:
    """A named schedule, or one written in place (*name* None); *body* is its hours."""

    name: str | None
    timezone: Word | None
    country: Word | None
    region: Word | None
    changes: HolidayChanges
    body: ScheduleBody
    at: Mark


@attrs.frozen
class DeviceSpec:
    """One phone of a person: `sip:` or a number; *press_1* None where the device does not say."""

    name: str
    address: Word
    press_1: Literal["outside", "always", "never"] | None


@attrs.frozen
class AbsenceSpec:
    """One entry of `away:`; *start* and *end* as written (`until` exclusive with a clock time, `to` a date inclusive)."""

    start: Word
    to: Word | None
    until: Word | None
    cover: Word | None
    only: Literal["calls", "texts"] | None
    note: Word | None
    at: Mark


@attrs.frozen
class PersonSpec:
    """A person; *in_order* tells a list of devices (rung one after another) from a mapping (all at once)."""

    name: str
    title: Word | None
    devices: tuple[DeviceSpec, ...]
    in_order: bool
    hours: Word | ScheduleSpec | None
    timezone: Word | None
    cover: Word | None
    away: tuple[AbsenceSpec, ...]
    last_day: Word | None
    handover: Word | None
    email: Word | None
    texts_by: tuple[Word, ...]
    pin: Secret | None
    even_if: tuple[Word, ...]
    calendar: Word | None
    at: Mark


@attrs.frozen
class TeamSpec:
    """A team and how it is rung; *change* and *first* belong to a rota."""

    name: str
    members: tuple[Word, ...]
    how: Literal["in-turn", "all-at-once", "take-turns", "rota"]
    each: Seconds | None
    change: Word | None
    first: Word | None
    even_if: tuple[Word, ...]
    at: Mark


@attrs.frozen
class GroupSpec:
    """A group of callers: numbers, patterns with x for any digit, names, classes; *verified* asks for attestation."""

    name: str
    entries: tuple[Word, ...]
    verified: bool
    at: Mark


@attrs.frozen
class BlockSpec:
    """Who is refused, and how."""

    entries: tuple[Word, ...]
    answer: Literal["busy", "declined", "voicemail"]
    at: Mark | None


# ---------------------------------------------------------------- what happens


@attrs.frozen
class RingSpec:
    """Ring a person, a team, or several at once; *seconds* None: the team's `each`, else `ring_for`."""

    targets: tuple[Word, ...]
    seconds: Seconds | None
    even_if: tuple[Word, ...]
    at: Mark


@attrs.frozen
class SaySpec:
    """Speak a text."""

    text: Word
    at: Mark


@attrs.frozen
class PlaySpec:
    """Play a file the configuration names, or an https URL."""

    source: Word
    at: Mark


@attrs.frozen
class VoicemailStepSpec:
    """Take a message in a box."""

    box: Word
    at: Mark


@attrs.frozen
class RejectSpec:
    """Refuse the call without answering it: busy, declined or unavailable."""

    reason: Word
    at: Mark


@attrs.frozen
class HangupSpec:
    """End the call."""

    at: Mark


CallStepSpec = RingSpec | SaySpec | PlaySpec | VoicemailStepSpec | RejectSpec | HangupSpec
Greeting = SaySpec | PlaySpec


@attrs.frozen
class UrgentSpec:
    """Words that reach somebody although the text would wait."""

    words: tuple[Word, ...]
    targets: tuple[Word, ...]
    even_if: tuple[Word, ...]
    at: Mark


@attrs.frozen
class TextBlockSpec:
    """What happens to a text: to whom, when, and what is answered by itself."""

    targets: tuple[Word, ...]
    even_if: tuple[Word, ...]
    copy: tuple[Word, ...]
    hold: bool
    reply: Word | None
    drop: bool
    urgent: UrgentSpec | None
    at: Mark


@attrs.frozen
class RuleSpec:
    """One entry of a number's `rules:`; empty conditions fit everybody."""

    name: Word
    callers: tuple[Word, ...]
    via: tuple[Word, ...]
    words: tuple[Word, ...]
    when: Word | None
    calls: tuple[CallStepSpec, ...] | None
    texts: TextBlockSpec | None
    at: Mark


@attrs.frozen
class NumberProviderSpec:
    """Which provider brings calls and which texts; events of *also_from* are accepted too, of others refused."""

    calls: Word
    texts: Word
    also_from: tuple[Word, ...]


@attrs.frozen
class MissedSpec:
    """What happens when nobody answered: who is told, what the caller is texted."""

    notify: tuple[Word, ...]
    text_back: Word | None
    at: Mark


@attrs.frozen
class NumberSpec:
    """A business number: its provider, hours, voicemail box, and what happens when it is called or texted."""

    name: str
    number: Word
    provider: NumberProviderSpec
    hours: Word | ScheduleSpec | None
    voicemail: Word | None
    rules: tuple[RuleSpec, ...]
    calls_open: tuple[CallStepSpec, ...] | None
    calls_closed: tuple[CallStepSpec, ...] | None
    texts_open: TextBlockSpec | None
    texts_closed: TextBlockSpec | None
    missed: MissedSpec | None
    language: Word | None
    at: Mark


@attrs.frozen
class BoxSpec:
    """A voicemail box; *keep* is how long recordings are kept, *private* keeps names and numbers out of notices."""

    name: str
    greeting: Greeting | None
    notify: tuple[Word, ...]
    max: Seconds
    transcribe: bool
    private: bool
    address: Word | None
    language: Word | None
    keep: Seconds | None
    at: Mark


@attrs.frozen
class PlanSpec:
    """A named plan for a bad day."""

    name: str
    calls: tuple[CallStepSpec, ...] | None
    texts: TextBlockSpec | None
    at: Mark


@attrs.frozen
class RepliesSpec:
    """How teammates answer from their mobiles, and the fixed answers to STOP, START and HELP (None: our wording)."""

    from_mobile: bool
    conversation_for: Seconds
    stop: Word | None
    start: Word | None
    help: Word | None


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
