"""Public holidays: official days, changes to them, and places that exist."""

from datetime import date

import pytest
from holidays import list_supported_countries

from rules.calendar import HolidayCalendar
from rules.countries import known_country, place_problems, regions
from rules.source import Mark
from rules.spec import HolidayChanges, Word

HERE = Mark("config.yaml", 3, 5)


def word(text: str) -> Word:
    """A word as if written in a file."""
    return Word(text, Mark("config.yaml", 7, 9))


def changes(*skip: str, add: dict[str, str] | None = None) -> HolidayChanges:
    """Changes as an administrator writes them."""
    added = tuple((date.fromisoformat(day), word(name)) for day, name in (add or {}).items())
    return HolidayChanges(tuple(word(name) for name in skip), added)


@pytest.mark.parametrize(
    ("country", "region", "day", "name"),
    [
        pytest.param("US", "MA", "2026-04-20", "Patriots' Day", id="a holiday of one state"),
        pytest.param("US", "NY", "2026-04-20", None, id="not of the other"),
        pytest.param("US", None, "2026-11-26", "Thanksgiving Day", id="a nationwide one without a region"),
        pytest.param("GB", "ENG", "2026-04-06", "Easter Monday", id="England"),
        pytest.param("GB", "SCT", "2026-04-06", None, id="Scotland"),
        pytest.param("GB", "ENG", "2026-12-28", "Boxing Day (observed)", id="an observed day counts"),
        pytest.param("US", "NY", "2021-12-31", "New Year's Day (observed)", id="observed in the year before"),
        pytest.param("DE", "BY", "2026-01-06", "Heilige Drei Könige", id="told in the country's own language"),
        pytest.param(None, None, "2026-12-25", None, id="no country, no holidays"),
    ],
)
def test_official_days(country: str | None, region: str | None, day: str, name: str | None) -> None:
    """The days a government names, where it names them."""
    assert HolidayCalendar.of(country, region).name(date.fromisoformat(day)) == name


@pytest.mark.parametrize(
    ("calendar", "day", "name"),
    [
        pytest.param(HolidayCalendar.of("US", "MA", changes("veterans  day")), "2026-11-11", None, id="in any case"),
        pytest.param(
            HolidayCalendar.of("US", "NY", changes("Veterans Day")), "2023-11-10", None, id="its observed day goes too"
        ),
        pytest.param(
            HolidayCalendar.of("US", "NY", changes("Veterans Day (observed)")),
            "2023-11-11",
            "Veterans Day",
            id="only observed",
        ),
        pytest.param(
            HolidayCalendar.of("US", "MA", changes("Patriots\u2019 Day")),
            "2026-04-20",
            None,
            id="with a curly apostrophe",
        ),
        pytest.param(
            HolidayCalendar.of("DE", "BY", changes("Labor Day")), "2026-05-01", None, id="by its English name"
        ),
        pytest.param(HolidayCalendar.of("DE", "BY", changes("Neujahr")), "2026-01-01", None, id="by its own name"),
        pytest.param(
            HolidayCalendar.of("KR", None, changes("Liberation Day")), "2026-08-17", None, id="a day in lieu goes too"
        ),
        pytest.param(
            HolidayCalendar.of("US", "NY", changes("Susan B. Anthony Day")),
            "2021-02-15",
            "Washington's Birthday",
            id="another holiday on that day stays",
        ),
        pytest.param(
            HolidayCalendar.of("US", "MA", changes(add={"2026-11-27": "Day after"})),
            "2026-11-27",
            "Day after",
            id="added",
        ),
        pytest.param(
            HolidayCalendar.of(None, None, changes(add={"2026-11-27": "Day after"})),
            "2026-11-27",
            "Day after",
            id="added without a country",
        ),
        pytest.param(
            HolidayCalendar.of(None, None, changes(add={"2026-11-27": "Day after"})), "2026-11-26", None, id="not added"
        ),
    ],
)
def test_changes(calendar: HolidayCalendar, day: str, name: str | None) -> None:
    """Skipped and added days, asked singly and as a list."""
    wanted = date.fromisoformat(day)

    assert calendar.name(wanted) == name
    assert calendar.between(wanted, wanted) == ({wanted: name} if name else {})


def test_a_list_of_holidays_includes_both_ends_and_is_in_order() -> None:
    """From Thanksgiving to Christmas, and what was added between them."""
    calendar = HolidayCalendar.of("US", "MA", changes(add={"2026-12-24": "Closing early"}))

    found = calendar.between(date(2026, 11, 26), date(2026, 12, 25))

    assert list(found.values()) == ["Thanksgiving Day", "Closing early", "Christmas Day"]


@pytest.mark.parametrize(
    ("country", "region", "skip", "code", "hint"),
    [
        pytest.param("US", "MA", ["Columbus Day"], None, None, id="all is well"),
        pytest.param("IE", None, [], None, None, id="a country without regions"),
        pytest.param(None, None, [], None, None, id="no place at all"),
        pytest.param(None, "MA", [], "region-missing", "country:", id="a region without its country"),
        pytest.param("UK", None, [], "unknown-name", "'GB'", id="a country everybody calls differently"),
        pytest.param("us", None, [], "unknown-name", "'US'", id="small letters"),
        pytest.param("7", None, [], "unknown-name", "ISO 3166", id="no country"),
        pytest.param("GB", None, [], "region-missing", "ENG, NIR, SCT, WLS", id="holidays differ by region"),
        pytest.param("GB", "EN", [], "unknown-name", "'ENG'", id="a slip"),
        pytest.param("DE", "99", [], "unknown-name", "BB, BE", id="no such region"),
        pytest.param("IE", "X", [], "unknown-name", "leave region: out", id="a region where there are none"),
        pytest.param("US", "MA", ["Colombus Day"], "unknown-name", "'Columbus Day'", id="a holiday misspelt"),
        pytest.param("US", "MA", ["xyz"], "unknown-name", "Christmas Day", id="no holiday at all"),
    ],
)
def test_places(country: str | None, region: str | None, skip: list[str], code: str | None, hint: str | None) -> None:
    """Each mistake has its code and a way out."""
    found = list(
        place_problems(word(country) if country else None, word(region) if region else None, HERE, changes(*skip))
    )

    assert [problem.code for problem in found] == ([code] if code else [])
    assert hint is None or hint in str(found[0].hint)


def test_a_region_may_be_left_out_where_nobody_insists() -> None:
    """`strict=False` takes the nationwide days."""
    assert list(place_problems(word("GB"), None, HERE, strict=False)) == []


def test_the_countries_are_those_of_the_library() -> None:
    """Each with its regions, although only one is looked at when one is asked for."""
    known = list_supported_countries(include_aliases=False)

    assert {country: list(regions(country)) for country in known} == {name: sorted(of) for name, of in known.items()}
    assert all(map(known_country, known))
    assert not known_country("UK")
