"""Public holidays: those of a country and region, without the ones people work on, with the ones they add."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import attrs

from rules.spec import HolidayChanges

if TYPE_CHECKING:
    from holidays import HolidayBase


UNCHANGED = HolidayChanges()


@attrs.frozen
class HolidayCalendar:
    """
    The public holidays that count for a schedule; *country* None: only those that were added.

    *skip* are names without regard to case; a skipped holiday's observed day is skipped with it.
    """

    country: str | None
    region: str | None
    skip: frozenset[str]
    add: tuple[tuple[date, str], ...]

    @classmethod
    def of(cls, country: str | None, region: str | None, changes: HolidayChanges = UNCHANGED) -> "HolidayCalendar":
        """Take the holidays of a place (names that have been checked) and change them."""
        return cls(
            country,
            region,
            frozenset(folded(name.text) for name in changes.skip),
            tuple((day, name.text) for day, name in changes.add),
        )

    def name(self, day: date) -> str | None:
        """Return what is celebrated on *day*, or None on an ordinary day."""
        for added, name in self.add:
            if added == day:
                return name
        return _kept(self.country, self.region, self.skip, day.year).get(day) if self.country else None

    def between(self, first: date, last: date) -> dict[date, str]:
        """Return each holiday from *first* to *last*, both inclusive, with its name."""
        found: dict[date, str] = {}
        if self.country:
            for year in range(first.year, last.year + 1):
                found |= _kept(self.country, self.region, self.skip, year)
        return {day: name for day, name in sorted((found | dict(self.add)).items()) if first <= day <= last}


def folded(name: str) -> str:
    """Write a holiday's name so that case, spaces and kind of apostrophe do not count."""
    return " ".join(name.casefold().replace("\u2019", "'").split())


def holiday_names(country: str, region: str | None, years: range) -> list[str]:
    """Return the names of a place's public holidays in *years*, in its own language and in English."""
    names = {
        name
        for language in languages(country)
        for listed in _celebrated(country, region, years, language).values()
        for name, _ in listed
    }
    return sorted(names)


def languages(country: str) -> tuple[str | None, ...]:
    """Return the languages names are known in: the country's own, and English; never the server's."""
    known = _library(country, None, range(0), None)
    own = known.default_language
    return (own, "en_US") if "en_US" in known.supported_languages and own != "en_US" else (own,)


def _library(country: str, region: str | None, years: range, language: str | None) -> "HolidayBase":
    """Ask the library `holidays`: category public only, observed days counted."""
    from holidays import country_holidays  # noqa: PLC0415  takes 0.1 s, and most commands ask for no holiday

    return country_holidays(country, subdiv=region, years=years, language=language, observed=True)


@lru_cache(maxsize=1024)
def _kept(country: str, region: str | None, skip: frozenset[str], year: int) -> Mapping[date, str]:
    """Return the holidays of one year that are not skipped: on those days a name is left, whatever language is spoken."""
    spoken = [
        {
            day: "; ".join(name for name, plain in names if skip.isdisjoint((folded(name), plain)))
            for day, names in _celebrated(country, region, range(year, year + 1), language).items()
        }
        for language in languages(country)
    ]
    return {day: name for day, name in spoken[0].items() if all(left.get(day, name) for left in spoken)}


def _celebrated(
    country: str, region: str | None, years: range, language: str | None
) -> dict[date, list[tuple[str, str]]]:
    """Return each holiday's names, with the folded name of the day it is observed for."""
    found = _library(country, region, years, language)
    label = re.compile("|".join(_labels(found)) or r"(?!)")
    return {
        day: [(name, _observed_for(name, label)) for name in found.get_list(day)]
        for day in sorted(found)
        if day.year in years
    }


def _labels(found: "HolidayBase") -> list[str]:
    """Return patterns of what the library makes of a name when the day is observed or estimated."""
    attributes = sorted((name for name in dir(found) if name.endswith("_label")), key=len, reverse=True)
    texts = {found.tr(getattr(found, name)) for name in attributes}
    return [re.escape(text).replace("%s", "(.+)") for text in sorted(texts, key=len, reverse=True) if text != "%s"]


def _observed_for(name: str, label: re.Pattern[str]) -> str:
    """Return the folded name of the holiday that *name* is the observed day of; its own when it is none."""
    match = label.fullmatch(name)
    return folded(next((part for part in match.groups() if part), name) if match else name)
