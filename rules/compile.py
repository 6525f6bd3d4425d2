"""
Specs to the book that runs: names resolved, dates turned into instants, defaults filled in.

Only specs without an error come here, so nothing in this module reports: what could be wrong was found by the checks.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from rules.book import Box, Common, Failsafe, NamedPlan, RuleBook, Safety
from rules.callers import CallerIndex
from rules.check.devices import allowed_countries
from rules.compile_numbers import NumberCompiler
from rules.compile_steps import Steps, even_if, texts
from rules.dates import read_clock, read_date_time
from rules.directory import Absence, Device, Directory, Person, Team
from rules.hours import Schedule
from rules.phone import e164
from rules.rota import Rota
from rules.schedules import Schedules
from rules.spec import AbsenceSpec, DeviceSpec, FileSpec, PersonSpec, TeamSpec, Word
from rules.zones import instant

FOR_EVER = 253_402_300_800  # the year 10000
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STOP = "You will get no more texts from {business} at this number. Write START to get them again."
START = "You will get texts from {business} again. Write STOP to end them."
HELP = "This is {business}. Call this number to speak with us. Write STOP to get no more texts."

Media = Callable[[str], str | None]
"""Takes a greeting file as written; returns `media:<sha256>.<ext>`, or None when there is no such file."""


def compile_book(spec: FileSpec, ruleset: str, media: Media) -> RuleBook:
    """Make the book of *spec*, which has no errors. *ruleset* names it; *media* finds greeting files."""
    compiler = _Compiler(spec, media)
    return compiler.book(ruleset)


class _Compiler:
    """Everything known while one book is made."""

    def __init__(self, spec: FileSpec, media: Media) -> None:
        self.spec = spec
        self.region = spec.business.country.text if spec.business.country else None
        self.schedules = Schedules(spec)
        self.steps = Steps(spec, media)
        self.spans: dict[str, tuple[int, int]] = {}
        self.times: dict[str, Schedule] = {}

    def book(self, ruleset: str) -> RuleBook:
        spec = self.spec
        for name, schedule in self.schedules.named.items():
            self.times[f"open:{name}"] = schedule
        people = {name: self.person(person) for name, person in spec.people.items()}
        teams = {name: self.team(team) for name, team in spec.teams.items()}
        directory = Directory(people, teams, spec.defaults.ring_for.value)
        common = self.common(directory)
        numbers = NumberCompiler(spec, common, self.schedules, self.steps, self.region).numbers(self.times)
        inline = {rule: group for number in numbers.values() for rule, group in number.groups.items()}
        return RuleBook(
            ruleset=ruleset,
            business=spec.business.name.text,
            zone=self.schedules.zone,
            country=self.region,
            numbers={name: made.number for name, made in numbers.items()},
            by_number={made.number.e164: made.number for made in numbers.values()},
            common=common,
            callers=CallerIndex.build(
                groups={**spec.groups, **inline},
                block=spec.block,
                own={made.number.e164: name for name, made in numbers.items()},
                devices={device.address: person.name for person in people.values() for device in person.devices},
                region=self.region,
            ),
            times=self.times,
            spans=self.spans,
            rotas=tuple(self.rota(team) for team in spec.teams.values() if team.how == "rota"),
            boxes={
                name: Box(
                    name, texts(box.notify), box.private, box.keep.value if box.keep else None, box.delete_at_provider
                )
                for name, box in spec.boxes.items()
            },
            safety=Safety(
                spec.safety.max_diversions,
                spec.safety.max_legs,
                spec.safety.max_forwards_per_hour,
                allowed_countries(spec),
            ),
            failsafe=Failsafe(
                spec.failsafe.say.text if spec.failsafe.say else "Sorry, we cannot connect you right now.",
                spec.failsafe.voicemail.text if spec.failsafe.voicemail else next(iter(spec.boxes), "voicemail"),
            ),
            teammate_sees=spec.defaults.teammate_sees,
            from_mobile=spec.replies.from_mobile,
            conversation_for=spec.replies.conversation_for.value,
            media=self.steps.media_files,
        )

    def common(self, directory: Directory) -> Common:
        spec = self.spec
        answers: dict[str, tuple[Word | None, str]] = {
            "stop": (spec.replies.stop, STOP),
            "start": (spec.replies.start, START),
            "help": (spec.replies.help, HELP),
        }
        return Common(
            directory=directory,
            plans={
                name: NamedPlan(name, self.steps.calls(plan.calls), self.steps.text_block(plan.texts), plan.at)
                for name, plan in spec.plans.items()
            },
            block_answer=spec.block.answer,
            block_at=spec.block.at,
            limits_forwards=spec.safety.max_forwards_per_hour is not None,
            confirmations={word: said.text if said else ours for word, (said, ours) in answers.items()},
        )

    # ------------------------------------------------------------ people

    def person(self, spec: PersonSpec) -> Person:
        zone = self.schedules.zone_of(spec)
        left = None
        if spec.last_day:
            left = f"left:{spec.name}"
            gone = read_date_time(spec.last_day.text)
            assert gone is not None
            self.spans[left] = (instant(midnight(gone[0] + timedelta(days=1)), zone), FOR_EVER)
        return Person(
            name=spec.name,
            title=spec.title.text if spec.title else spec.name,
            devices=tuple(self.device(device) for device in spec.devices),
            in_order=spec.in_order,
            in_hours=self.own_hours(spec),
            away=tuple(self.absence(spec, index, absence, zone) for index, absence in enumerate(spec.away)),
            left=left,
            handover=spec.handover.text if spec.handover else None,
            texts_by=texts(spec.texts_by),
            email=spec.email.text if spec.email else None,
            even_if=even_if(spec.even_if),
            cover=spec.cover.text if spec.cover else None,
            zone=zone,
        )

    def own_hours(self, spec: PersonSpec) -> str | None:
        schedule = self.schedules.of(spec.hours, spec.timezone)
        if schedule is None:
            return None
        self.times[f"in:{spec.name}"] = schedule
        return f"in:{spec.name}"

    def device(self, spec: DeviceSpec) -> Device:
        inside = spec.address.text.lower().startswith(("sip:", "sips:"))
        address = spec.address.text if inside else e164(spec.address.text, self.region)
        assert address is not None
        asks = spec.press_1 or self.spec.defaults.press_1
        return Device(spec.name, address, asks == "always" or (asks == "outside" and not inside))

    def absence(self, person: PersonSpec, index: int, spec: AbsenceSpec, zone: ZoneInfo) -> Absence:
        question = f"away:{person.name}:{index}"
        self.spans[question] = absence_span(spec, zone)
        cover = spec.cover or person.cover
        only: Mapping[str | None, Literal["call", "text"] | None] = {"calls": "call", "texts": "text", None: None}
        return Absence(question, cover.text if cover else None, only[spec.only])

    def team(self, spec: TeamSpec) -> Team:
        each = spec.each or self.spec.defaults.ring_for
        return Team(spec.name, texts(spec.members), spec.how, each.value, even_if(spec.even_if))

    def rota(self, spec: TeamSpec) -> Rota:
        assert spec.change is not None
        assert spec.first is not None
        weekday, clock = spec.change.text.split()
        start = read_date_time(spec.first.text)
        seconds = read_clock(clock)
        assert start is not None
        assert seconds is not None
        first = start[0] + timedelta(days=(WEEKDAYS.index(weekday[:3].lower()) - start[0].weekday()) % 7)
        return Rota(spec.name, texts(spec.members), midnight(first) + timedelta(seconds=seconds), self.schedules.zone)


def absence_span(spec: AbsenceSpec, zone: ZoneInfo) -> tuple[int, int]:
    """Return `[start, end)` of an absence in UTC epoch seconds: `to` counts its whole day, `until` ends on the second."""
    start = read_date_time(spec.start.text)
    assert start is not None
    begins = midnight(start[0]) + timedelta(seconds=start[1] or 0)
    end = read_date_time((spec.until or spec.to or spec.start).text)
    assert end is not None
    ends = midnight(end[0]) + (timedelta(seconds=end[1]) if spec.until and end[1] is not None else timedelta(days=1))
    return instant(begins, zone), instant(ends, zone)


def midnight(day: date) -> datetime:
    """Return the start of *day* by the clock on the wall."""
    return datetime.combine(day, time())
