"""Schedules as written to schedules that run: whose zone, whose holidays."""

from zoneinfo import ZoneInfo

from rules.calendar import HolidayCalendar
from rules.hours import Schedule
from rules.spec import FileSpec, HolidayChanges, PersonSpec, ScheduleSpec, Word
from rules.zones import zone


class Schedules:
    """
    The named schedules of a file, and those written in place.

    Zone: the schedule's own, else the person's (only for hours written in place), else the business's. Holidays: of the
    schedule's country and region, else the business's; the business's changes to them count only for its own.
    """

    def __init__(self, spec: FileSpec) -> None:
        self.spec = spec
        self.zone = self.zone_named(spec.business.timezone)
        self.named = {name: self.schedule(schedule, self.zone) for name, schedule in spec.schedules.items()}

    def of(self, hours: Word | ScheduleSpec | None, timezone: Word | None) -> Schedule | None:
        """Return the schedule that *hours* names or spells out; *timezone* is the person's own."""
        if hours is None or isinstance(hours, Word):
            return self.named[hours.text] if hours else None
        return self.schedule(hours, self.zone_named(timezone) if timezone else self.zone)

    def zone_of(self, person: PersonSpec) -> ZoneInfo:
        """Return the zone a person's dates are meant in: their own, else that of the schedule they use, else the business's."""
        if person.timezone:
            return self.zone_named(person.timezone)
        schedule = self.of(person.hours, None)
        return schedule.zone if schedule else self.zone

    def schedule(self, spec: ScheduleSpec, outer: ZoneInfo) -> Schedule:
        """Make one schedule run; *outer* is the zone it has if it names none."""
        place = self.zone_named(spec.timezone) if spec.timezone else outer
        return Schedule(place, spec.body, self.calendar(spec))

    def calendar(self, spec: ScheduleSpec) -> HolidayCalendar:
        """Return the public holidays that count for *spec*."""
        business = self.spec.business
        home = (written(business.country), written(business.region))
        here = (
            (written(spec.country), written(spec.region))
            if spec.country
            else (home[0], written(spec.region) or home[1])
        )
        changes = [spec.changes, *([business.holidays] if here == home else [])]
        return HolidayCalendar.of(
            *here,
            HolidayChanges(
                tuple(name for change in changes for name in change.skip),
                tuple(day for change in changes for day in change.add),
            ),
        )

    @staticmethod
    def zone_named(word: Word) -> ZoneInfo:
        """Return the zone of a name that has been checked."""
        found = zone(word.text)
        assert found is not None
        return found


def written(word: Word | None) -> str | None:
    """Return what was written, or None."""
    return word.text if word else None
