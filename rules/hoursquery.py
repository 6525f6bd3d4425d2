"""Questions about one schedule on its own, as `switchhook hours` takes them: the schedule, its place, a moment."""

import json
from datetime import UTC, datetime
from typing import Any

import attrs

from rules.calendar import HolidayCalendar
from rules.countries import place_problems
from rules.hours import Schedule, speaks_of_holidays
from rules.lookup import Lookup, Standing
from rules.parse.business import schedule as read_schedule
from rules.source import Mark, Problem, Report
from rules.spec import Word
from rules.when import read_when
from rules.yamltree import Mapping, Node, Scalar, Sequence
from rules.zones import closest_zone, zone

_REMEMBERED = 1000


@attrs.frozen
class Place:
    """Where a schedule holds that does not say it itself."""

    timezone: str
    country: str | None = None
    region: str | None = None


def schedule_of(node: Node, place: Place, report: Report) -> Schedule | None:
    """Make a schedule run as `schedules:` in a rule file would, in *place* unless it names its own."""
    spec = read_schedule(Scalar("hours", False, node.file, 1, 1, 1), node, report)
    if spec is None:
        return None
    problems: list[Problem] = []
    country = spec.country or _word(place.country, "country")
    region = spec.region or (None if spec.country else _word(place.region, "region"))
    problems += place_problems(country, region, spec.at, spec.changes, strict=False)
    if country is None and speaks_of_holidays(spec.body):
        hint = "name the country, such as US, and its region"
        problems.append(Problem("country-missing", "whose public holidays these are is not said", spec.at, hint))
    timezone = spec.timezone or Word(place.timezone, Mark("timezone", 1, 1))
    there = zone(timezone.text)
    if there is None:
        near = closest_zone(timezone.text)
        hint = f"did you mean '{near}'?" if near else "write the zone of a city, such as America/New_York"
        problems.append(Problem("unknown-name", f"there is no time zone '{timezone.text}'", timezone.at, hint))
    for problem in problems:
        report(problem)
    if there is None or problems:
        return None
    here = (country.text if country else None, region.text if region else None)
    return Schedule(there, spec.body, HolidayCalendar.of(*here, spec.changes))


def _word(text: str | None, name: str) -> Word | None:
    return None if text is None else Word(text, Mark(name, 1, 1, len(text)))


def as_node(value: object, name: str = "hours") -> Node:
    """Turn what JSON says into the nodes a rule file gives; objects are read as `Pairs`."""
    if isinstance(value, Pairs):
        entries = [(_scalar(key, name), as_node(inner, name)) for key, inner in value.pairs]
        return Mapping(entries, name, 1, 1)
    if isinstance(value, list):
        return Sequence([as_node(item, name) for item in value], name, 1, 1)
    return _scalar(value if isinstance(value, str) else "" if value is None else json.dumps(value), name)


def _scalar(text: str, name: str) -> Scalar:
    return Scalar(text, False, name, 1, 1, len(text))


@attrs.frozen
class Pairs:
    """A JSON object with its keys as written, also one that is written twice."""

    pairs: list[tuple[str, Any]]


@attrs.define
class Desk:
    """Answers a stream of questions; a schedule asked about again is not compiled again. *now* is when `at: now` is."""

    now: datetime
    _known: dict[str, Lookup | str] = attrs.field(factory=dict)

    def answer(self, line: str) -> dict[str, object]:
        """Answer one JSON question: `{"open", "next_change"}`, or `{"error"}` with a sentence."""
        try:
            asked = _question(line)
            lookup = self._lookup(asked)
            moment = read_when(asked["at"], lookup.schedule.zone, self.now)
            return told(lookup.at(int(moment.timestamp() // 1)))
        except ValueError as error:
            return {"error": str(error)}

    def _lookup(self, asked: dict[str, Any]) -> Lookup:
        """Return the schedule a question is about; raise ValueError with all its mistakes."""
        place = Place(asked["timezone"], asked.get("country"), asked.get("region"))
        key = repr((asked["hours"], place))
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[key] = self._compiled(asked["hours"], place)
        if isinstance(known, str):
            raise ValueError(known)
        return known

    def _compiled(self, hours: object, place: Place) -> Lookup | str:
        problems: list[Problem] = []
        schedule = schedule_of(as_node(hours), place, problems.append)
        if schedule is None or problems:
            return "; ".join(in_a_sentence(problem) for problem in problems)
        return Lookup(schedule)


def told(standing: Standing) -> dict[str, object]:
    """Tell how a schedule stands as JSON: `next_change` is UTC, or null when nothing changes within ten years."""
    return {"open": standing.open, "next_change": _iso(standing.next_change)}


def _iso(moment: int | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat()[:19] + "Z"


def in_a_sentence(problem: Problem) -> str:
    """Say a problem where no file can be shown."""
    return problem.message + (f" ({problem.hint})" if problem.hint else "")


def _question(line: str) -> dict[str, Any]:
    """Read one line; raise ValueError with a sentence."""
    try:
        found = json.loads(line, object_pairs_hook=Pairs)
    except (ValueError, RecursionError):
        raise ValueError("this line is no JSON object") from None
    asked = dict(found.pairs) if isinstance(found, Pairs) else {}
    wanted = ("timezone", "at")
    if not isinstance(asked.get("hours"), str | Pairs) or not all(isinstance(asked.get(key), str) for key in wanted):
        raise ValueError("a question is an object with 'hours' (a text or a mapping), 'timezone' and 'at'")
    if not all(isinstance(asked.get(key), str | None) for key in ("country", "region")):
        raise ValueError("'country' and 'region' are texts")
    return asked
