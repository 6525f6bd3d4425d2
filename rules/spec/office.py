"""Who works here and when: the business, schedules, people, teams, and the lists of callers."""

from datetime import date
from typing import Literal

import attrs

from rules.schedule import ScheduleBody
from rules.source import Mark
from rules.spec.words import Seconds, Secret, Word


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
class CalendarSpec:
    """Where a person's calendar is (`https:`, `env:` or `file:`), and the words a title must have to count; none: every title."""

    url: Word
    match: tuple[Word, ...] = ()


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
    calendar: CalendarSpec | None
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
