"""Countries and their regions as public holidays know them: which exist, and where a region must be named."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from rules.calendar import UNCHANGED, folded, holiday_names
from rules.source import Mark, Problem, closest
from rules.spec import HolidayChanges, Word

_COMMON_SLIPS = {"UK": "GB", "EN": "GB", "ENGLAND": "GB", "USA": "US", "GERMANY": "DE", "FRANCE": "FR", "CANADA": "CA"}
_SAMPLE = range(2026, 2028)
_NAMED_IN = range(2022, 2038)


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    from holidays.registry import EntityLoader  # noqa: PLC0415  takes 0.1 s, and most commands ask for no holiday

    return frozenset(EntityLoader.get_country_codes(include_aliases=False))


@lru_cache(maxsize=64)
def regions(country: str) -> tuple[str, ...]:
    """Return the regions of a known country, by their codes; of this country only, for all of them take half a second."""
    import holidays  # noqa: PLC0415  as above

    return tuple(sorted(getattr(holidays, country).subdivisions))


def known_country(code: str) -> bool:
    """Say whether public holidays are known for *code* (two capital letters, ISO 3166-1)."""
    return code in _countries()


def known_region(country: str, region: str) -> bool:
    """Say whether a known country has this region."""
    return region in regions(country)


@lru_cache(maxsize=64)
def needs_region(country: str) -> bool:
    """Say whether a known country has holidays that only some of its regions keep."""
    from holidays import country_holidays  # noqa: PLC0415  as above

    nationwide = set(country_holidays(country, years=_SAMPLE))
    return any(set(country_holidays(country, subdiv=region, years=_SAMPLE)) - nationwide for region in regions(country))


def place_problems(
    country: Word | None,
    region: Word | None,
    at: Mark,
    changes: HolidayChanges = UNCHANGED,
    *,
    strict: bool = True,
) -> Iterator[Problem]:
    """
    Tell what is wrong with the place whose holidays count, and with the changes to them.

    *at* is where a missing region is to be told; not *strict*: a missing region is no mistake.
    """
    if country is None:
        if region:
            yield Problem(
                "region-missing", "a region needs its country", region.at, "write country: as well, such as US"
            )
        return
    if not known_country(country.text):
        near = _COMMON_SLIPS.get(country.text.upper()) or closest(country.text, sorted(_countries()))
        hint = f"did you mean '{near}'?" if near else "write the two letters of ISO 3166, such as US, GB or DE"
        yield Problem("unknown-name", f"there is no country '{country.text}' whose holidays we know", country.at, hint)
        return
    if region is None and strict and needs_region(country.text):
        message = f"holidays in {country.text} differ from region to region"
        yield Problem("region-missing", message, at, f"add region: and one of {_some(regions(country.text))}")
        return
    if region is not None and not known_region(country.text, region.text):
        near = closest(region.text, list(regions(country.text)))
        hint = f"did you mean '{near}'?" if near else f"write one of {_some(regions(country.text))}"
        if not regions(country.text):
            hint = "leave region: out"
        yield Problem(
            "unknown-name", f"{country.text} has no region '{region.text}' with holidays of its own", region.at, hint
        )
        return
    yield from _misnamed(country.text, region.text if region else None, changes)


def _misnamed(country: str, region: str | None, changes: HolidayChanges) -> Iterator[Problem]:
    """Tell names of holidays the place does not have."""
    if not changes.skip:
        return
    names = {folded(name): name for name in holiday_names(country, region, _NAMED_IN)}
    for word in changes.skip:
        if folded(word.text) not in names:
            near = closest(word.text, list(names.values()))
            hint = f"did you mean '{near}'?" if near else f"the holidays are {_some(sorted(names.values()), 12)}"
            yield Problem("unknown-name", f"there is no public holiday '{word.text}' here", word.at, hint)


def _some(words: Sequence[str], most: int = 8) -> str:
    """List the first words, and say when there are more."""
    return ", ".join(words[:most]) + (" ..." if len(words) > most else "")
