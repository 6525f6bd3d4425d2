"""Names that tell when they were given."""

import pytest

from router import ulid


def test_the_example_of_the_specification() -> None:
    """01ARYZ6S41TSV4RRFFQ69G5FAV is from 1469918176385 ms, says the specification."""
    assert ulid.time_of("01ARYZ6S41TSV4RRFFQ69G5FAV") == 1_469_918_176.385


def test_it_holds_time_and_chance() -> None:
    """The first ten letters are the time, the rest is chance."""
    name = ulid.new(1_795_532_400.123, lambda count: b"\xff" * count)

    assert ulid.time_of(name) == 1_795_532_400.123
    assert name[10:] == "Z" * 16
    assert ulid.new(1_795_532_400.123) != ulid.new(1_795_532_400.123)


def test_names_are_in_the_order_they_were_given() -> None:
    """As text."""
    assert ulid.new(1000.0) < ulid.new(1000.001) < ulid.new(9_999_999.0)


@pytest.mark.parametrize("name", ["", "01ARYZ6S41", "01ARYZ6S41TSV4RRFFQ69G5FAU", "81ARYZ6S41TSV4RRFFQ69G5FAV", "-"])
def test_what_is_no_ulid(name: str) -> None:
    """Has no time: too short, a letter that is not one of them, a time beyond 48 bits."""
    assert ulid.time_of(name) is None
