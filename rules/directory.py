"""
Everybody who can be reached, as the rule book knows them: people and their devices, absences, teams.

They know each other by name, because cover chains may be circles.
"""

from collections.abc import Mapping
from typing import Literal
from zoneinfo import ZoneInfo

import attrs

from rules.event import Kind

Excuse = Literal["away", "off-hours"]
EvenIf = frozenset[Excuse]


@attrs.frozen
class Device:
    """One phone: *address* is `sip:…` or E.164; with *confirm* it has answered only after pressing 1."""

    name: str
    address: str
    confirm: bool


@attrs.frozen
class Absence:
    """
    One time a person is away: the *question* that tells, who covers, and the only kind it is for (None: both).

    *note* says how it came about, in words for people; "" when it stands in the rule file.
    """

    question: str
    cover: str | None
    only: Kind | None
    note: str = ""


@attrs.frozen
class Person:
    """
    Somebody who can be reached.

    *in_hours* is the question for their own hours (None: always in); *left* the question for having left the company.
    *cover* (whoever stands in unless an absence says otherwise) and *handover* name a person or a team. *in_order* devices
    are rung one after another, else all at once. *zone* is the one their times are meant in.
    """

    name: str
    title: str
    devices: tuple[Device, ...]
    in_order: bool
    in_hours: str | None
    away: tuple[Absence, ...]
    left: str | None
    handover: str | None
    texts_by: tuple[str, ...]
    email: str | None
    even_if: EvenIf
    cover: str | None
    zone: ZoneInfo


@attrs.frozen
class Team:
    """A team and how it is rung; *each* is seconds an attempt. A rota's turns are questions `rota:<team>:<member>`."""

    name: str
    members: tuple[str, ...]
    how: Literal["in-turn", "all-at-once", "take-turns", "rota"]
    each: int
    even_if: EvenIf


@attrs.frozen(eq=False)
class Directory:
    """Everybody by name."""

    people: Mapping[str, Person]
    teams: Mapping[str, Team]
    ring_for: int
