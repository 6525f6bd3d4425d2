"""People, their phones and absences, and teams."""

import attrs

from rules import fragments
from rules.decode import (
    DURATION,
    NAME,
    NAMES,
    TEXT,
    Field,
    Kind,
    Shape,
    choice,
    one_or_more,
    shaped,
    text,
    word_choice,
    wrong_shape,
)
from rules.parse.business import HOURS, ZONE
from rules.parse.named import read_named
from rules.parse.values import EVEN_IF, SECRET
from rules.source import Mark, Problem, Report
from rules.spec import AbsenceSpec, CalendarSpec, DeviceSpec, PersonSpec, TeamSpec, Word
from rules.yamltree import Mapping, Node, Scalar, Sequence

_PHONE = text("a phone number or sip: address")
_DEVICE = Shape(
    "a device",
    (
        Field("address", _PHONE, "the phone number or sip: address", required=True),
        Field("press_1", choice("outside", "always", "never"), "whether it answers by pressing 1"),
    ),
)


def _device(name: Scalar, node: Node, report: Report) -> DeviceSpec | None:
    """Read `mobile: "+1…"` or `mobile: {address: "+1…", press_1: never}`."""
    if not isinstance(node, Mapping):
        address = _PHONE.read(name.text, node, report)
        return None if address is None else DeviceSpec(name.text, address, None)
    values = _DEVICE.read(name.text, node, report)
    return None if values is None else DeviceSpec(name=name.text, **values)


Devices = tuple[tuple[DeviceSpec, ...], bool]
"""The devices, and whether they are rung in order."""


def _read_devices(key: str, node: Node, report: Report) -> Devices | None:
    found: dict[str, DeviceSpec] = {}
    if isinstance(node, Scalar) and node.text:
        node = Sequence([node], node.file, node.line, node.column)
    if isinstance(node, Mapping):
        read_named(key, node, _device, {}, found, report)
        return tuple(found.values()), False
    if isinstance(node, Scalar) or not node.items:
        report(wrong_shape(key, _DEVICES.wants, node, 'write {mobile: "+1 617 555 0141"}'))
        return None
    places: dict[str, Mark] = {}
    for position, item in enumerate(node.items, 1):
        if isinstance(item, Mapping) and item.get("address") is None:
            read_named(key, item, _device, places, found, report)
        else:
            name = Scalar(f"phone {position}", False, node.file, node.line, node.column, 1)
            if device := _device(name, item, report):
                found[name.text] = device
    return tuple(found.values()), True


_ONE_DEVICE = fragments.any_of(_PHONE.fragment, _DEVICE.fragment())
_NAMED_DEVICES = fragments.named(_ONE_DEVICE)
_DEVICES: Kind[Devices] = Kind(
    "phones by name, or a list of them",
    _read_devices,
    fragment=fragments.any_of(
        _PHONE.fragment,
        _NAMED_DEVICES,
        {"type": "array", "minItems": 1, "items": fragments.any_of(_ONE_DEVICE, _NAMED_DEVICES)},
    ),
)

_ABSENCE = Shape(
    "an absence",
    (
        Field(
            "from",
            text(pattern=f"{fragments.DATE}|{fragments.DATE_TIME}"),
            "the first day away, 2026-12-14, or with a clock time",
            required=True,
            to="start",
        ),
        Field("to", text(pattern=fragments.DATE), "the last day away, 2026-12-18"),
        Field("until", text(pattern=fragments.DATE_TIME), "the moment of return, 2027-01-04 08:30"),
        Field("cover", NAME, "who stands in"),
        Field("only", choice("calls", "texts"), "what the absence is for; else both"),
        Field("note", TEXT, "where to, for the colleagues"),
    ),
)
_ONE_END = {"oneOf": [{"required": ["to"]}, {"required": ["until"]}]}
_ONE_ABSENCE = shaped(_ABSENCE, lambda at, values: AbsenceSpec(at=at, **values))
_ABSENCES = one_or_more(
    attrs.evolve(_ONE_ABSENCE, fragment={**_ONE_ABSENCE.fragment, **_ONE_END}), "{from: …, to: …} or a list of such"
)

_CALENDAR_URL = text("env:NAME, file:PATH or an https address", fragments.CALENDAR)
_CALENDAR = Shape(
    "a calendar",
    (
        Field("url", _CALENDAR_URL, "where it is: env:NAME, file:PATH or an https address", required=True),
        Field("match", one_or_more(TEXT, "words, one or a list"), "only titles with one of these count", default=()),
    ),
)


def _read_calendar(key: str, node: Node, report: Report) -> CalendarSpec | None:
    """Read `calendar: env:NAME` or `calendar: {url: env:NAME, match: [vacation]}`."""
    if not isinstance(node, Mapping):
        url = _CALENDAR_URL.read(key, node, report)
        return None if url is None else CalendarSpec(url)
    values = _CALENDAR.read(key, node, report)
    return None if values is None else CalendarSpec(**values)


_A_CALENDAR: Kind[CalendarSpec] = Kind(
    "env:NAME, file:PATH, an https address, or {url: …, match: …}",
    _read_calendar,
    fragment=fragments.any_of(_CALENDAR_URL.fragment, _CALENDAR.fragment()),
)

_PERSON = Shape(
    "a person",
    (
        Field("name", TEXT, "the full name", to="title"),
        Field("devices", _DEVICES, "phones: a mapping is rung all at once, a list in order", default=((), False)),
        Field("hours", HOURS, "when this person can be reached; else always"),
        Field("timezone", ZONE, "the person's own zone"),
        Field("cover", NAME, "who stands in when this person is away: a person or team"),
        Field("away", _ABSENCES, "when this person is away", default=()),
        Field("last_day", text(pattern=fragments.DATE), "the last day in the company, 2026-10-31"),
        Field("handover", NAME, "who takes over after the last day"),
        Field("email", text(pattern=fragments.MAIL), "where mails to this person go"),
        Field(
            "texts_by",
            one_or_more(word_choice("sms", "email"), "sms, email or both in a list"),
            "how texts reach this person",
            default=(),
        ),
        Field("pin", SECRET, "proves commands by text: env:NAME or file:PATH"),
        Field("even_if", EVEN_IF, "reach this person also when away or off-hours", default=()),
        Field("calendar", _A_CALENDAR, "a calendar of absences: env:NAME, file:PATH or an https address"),
    ),
)


PERSON_FRAGMENT = {**_PERSON.fragment(), "dependencies": {"last_day": ["handover"], "handover": ["last_day"]}}


def person(name: Scalar, node: Node, report: Report) -> PersonSpec | None:
    """Read one entry of `people:`."""
    values = _PERSON.read(name.text, node, report)
    if values is None:
        return None
    devices, in_order = values.pop("devices")
    return PersonSpec(name=name.text, devices=devices, in_order=in_order, at=name.at, **values)


_TEAM = Shape(
    "a team",
    (
        Field("members", NAMES, "the people of the team", required=True),
        Field(
            "how",
            choice("in-turn", "all-at-once", "take-turns", "rota"),
            "in-turn, all-at-once, take-turns or rota",
            required=True,
        ),
        Field("each", DURATION, "how long each of them rings"),
        Field("change", text(pattern=fragments.CHANGE), "of a rota: when the turn changes, mon 09:00"),
        Field("first", text(pattern=fragments.DATE), "of a rota: the date on which the first member begins"),
        Field("even_if", EVEN_IF, "reach members also when away or off-hours", default=()),
    ),
)


_ROTA_KEYS = [{"required": [key]} for key in ("change", "first")]
TEAM_FRAGMENT = {
    **_TEAM.fragment(),
    "if": {"properties": {"how": {"const": "rota"}}},
    "then": {"allOf": _ROTA_KEYS},
    "else": {"not": {"anyOf": _ROTA_KEYS}},
}


def team(name: Scalar, node: Node, report: Report) -> TeamSpec | None:
    """Read one entry of `teams:`; a rota must say when the turn changes and who begins."""
    values = _TEAM.read(name.text, node, report)
    if values is None:
        return None
    made = TeamSpec(name=name.text, at=name.at, **values)
    return made if _rota_is_whole(made, report) else None


def _rota_is_whole(team: TeamSpec, report: Report) -> bool:
    said: dict[str, Word | None] = {"change": team.change, "first": team.first}
    samples = {"change": "change: mon 09:00", "first": "first: 2026-11-02"}
    whole = True
    for key, word in said.items():
        if team.how == "rota" and word is None:
            whole = False
            report(Problem("missing-key", f"a rota needs `{key}`", team.at, f"such as `{samples[key]}`"))
        elif team.how != "rota" and word is not None:
            report(Problem("bad-value", f"`{key}` belongs to a rota only", word.at, "remove it, or write `how: rota`"))
    return whole
