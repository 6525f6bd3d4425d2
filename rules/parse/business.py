"""The business itself, its schedules, and what holds where nothing nearer is said."""

import re
from typing import Any

from rules import fragments
from rules.decode import (
    DURATION,
    NAME,
    TEXT,
    YES_NO,
    Field,
    Kind,
    Shape,
    choice,
    one_or_more,
    shaped,
    text,
    wrong_shape,
)
from rules.parse.hours import read_schedule_body
from rules.parse.values import ADDED
from rules.source import Mark, Report
from rules.spec import BusinessSpec, DefaultsSpec, HolidayChanges, RepliesSpec, ScheduleSpec, Seconds, Word
from rules.yamltree import Mapping, Node, Scalar, Sequence

ZONE = text("a zone such as America/New_York")
_SKIP = Field(
    "skip",
    one_or_more(text("the name of a holiday"), "the name of a holiday or a list of them"),
    "public holidays on which the business works",
    default=(),
)
_ADD = Field("add", ADDED, "further holidays: {2026-11-27: Day after Thanksgiving}", default=())
_CHANGES = Shape("`holidays`", (_SKIP, _ADD))

_BUSINESS = Shape(
    "`business`",
    (
        Field("name", TEXT, "the name callers know", required=True),
        Field("timezone", ZONE, "the zone its times are told in, such as America/New_York", required=True),
        Field(
            "country", text("a country such as US"), "whose public holidays hold, and how numbers without + are read"
        ),
        Field("region", text("a state or province such as MA"), "the part of the country, for its public holidays"),
        Field(
            "holidays",
            shaped(_CHANGES, lambda _, values: HolidayChanges(**values)),
            "public holidays to skip or to add",
            default=HolidayChanges(),
        ),
        Field("language", text("a language such as en-GB", fragments.LANGUAGE), "how words are spoken"),
    ),
)
BUSINESS = shaped(_BUSINESS, lambda at, values: BusinessSpec(at=at, **values))

_DEFAULTS = Shape(
    "`defaults`",
    (
        Field("ring_for", DURATION, "how long a phone rings"),
        Field("press_1", choice("outside", "always", "never"), "which phones answer by pressing 1", default="outside"),
        Field("teammate_sees", choice("caller", "business"), "the number a teammate sees", default="caller"),
    ),
)


def _defaults(at: Mark, values: dict[str, Any]) -> DefaultsSpec:
    values["ring_for"] = values["ring_for"] or Seconds(20, at)
    return DefaultsSpec(**values)


DEFAULTS = shaped(_DEFAULTS, _defaults)

_REPLIES = Shape(
    "`replies`",
    (
        Field("from_mobile", YES_NO, "whether teammates answer texts from their mobiles", default=True),
        Field("conversation_for", DURATION, "how long an answer belongs to the text last delivered"),
        Field("stop", TEXT, "the answer to STOP"),
        Field("start", TEXT, "the answer to START"),
        Field("help", TEXT, "the answer to HELP"),
    ),
)


def _replies(at: Mark, values: dict[str, Any]) -> RepliesSpec:
    values["conversation_for"] = values["conversation_for"] or Seconds(72 * 3600, at)
    return RepliesSpec(**values)


REPLIES = shaped(_REPLIES, _replies)


def default_sections(at: Mark) -> dict[str, Any]:
    """Return `defaults` and `replies` as they are when the file is silent."""
    silent = Mapping([], at.file, at.line, at.column)
    return {
        "defaults": _defaults(at, _DEFAULTS.read("defaults", silent, lambda _: None) or {}),
        "replies": _replies(at, _REPLIES.read("replies", silent, lambda _: None) or {}),
    }


# ---------------------------------------------------------------- schedules

_SCHEDULE = Shape(
    "a schedule",
    (
        Field("timezone", ZONE, "the zone of these hours, when it is not that of the business"),
        Field("country", text("a country such as GB"), "whose public holidays hold here"),
        Field("region", text("a part of the country such as ENG"), "the part of the country, for its public holidays"),
        _SKIP,
        _ADD,
    ),
)
# What an opening_hours text has, and no name may have.
_HOURS_TEXT = re.compile(r"[:;/,\[\]+|\"]")


SCHEDULE_FRAGMENT = fragments.defined(
    "schedule",
    fragments.any_of(
        {"type": "string", "minLength": 1},
        fragments.schedule({field.key: field.fragment() for field in _SCHEDULE.fields}),
    ),
)


def schedule(name: Scalar, node: Node, report: Report) -> ScheduleSpec | None:
    """Read one entry of `schedules:`."""
    return _schedule(name.text, name.at, node, report)


def _schedule(name: str | None, at: Mark, node: Node, report: Report) -> ScheduleSpec | None:
    if isinstance(node, Sequence) or (isinstance(node, Scalar) and not node.text):
        report(wrong_shape(name or "hours", "days with hours, or an opening_hours text", node))
        return None
    said: dict[str, Any] = {field.key: field.default for field in _SCHEDULE.fields}
    if isinstance(node, Mapping):
        said = _SCHEDULE.read(name or "hours", node, report, others=True) or said
    body = read_schedule_body(node, report)
    changes = HolidayChanges(said.pop("skip"), said.pop("add"))
    return None if body is None else ScheduleSpec(name=name, changes=changes, body=body, at=at, **said)


def _read_hours(key: str, node: Node, report: Report) -> Word | ScheduleSpec | None:
    if isinstance(node, Scalar) and not _HOURS_TEXT.search(node.text):
        return NAME.read(key, node, report)
    return _schedule(None, node.at, node, report)


HOURS: Kind[Word | ScheduleSpec] = Kind(
    "the name of a schedule, or days with hours", _read_hours, fragment=SCHEDULE_FRAGMENT
)
