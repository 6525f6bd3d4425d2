"""Who may be texted, who is reached, what teammates and those in need read."""

import pytest

from rules.book import RuleBook
from rules.deciding import Timetable, window_around
from rules.reaching import block_of, has_left, is_open, reach
from rules.relay.allowed import may_be_texted
from rules.relay.answering import answers_several
from rules.relay.emergency import answer, asks_for_help

NOON = 1_795_539_600  # Tue 24 Nov 2026, 12:00 in New York
DAY = 86_400


@pytest.fixture(scope="module")
def timetable(company: RuleBook) -> Timetable:
    """Return the company's rules, compiled."""
    return Timetable(company, window_around(NOON))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("+12025550199", True, id="an ordinary number"),
        pytest.param("+442079460958", True, id="in another country that is allowed"),
        pytest.param("+4930123456", False, id="in a country that is not"),
        pytest.param("+18765550123", False, id="Jamaica looks like America"),
        pytest.param("+19005550123", False, id="a premium number"),
        pytest.param("+870773111632", False, id="a satellite phone"),
        pytest.param("+1911", False, id="an emergency number in disguise"),
        pytest.param("911", False, id="an emergency number"),
        pytest.param("262966", False, id="a short code"),
        pytest.param("BANK", False, id="a name"),
        pytest.param("", False, id="nobody"),
        pytest.param("+1", False, id="no number"),
        pytest.param("+16175550101", False, id="one of ours"),
    ],
)
def test_who_may_be_texted(company: RuleBook, address: str, expected: bool) -> None:
    """Ordinary numbers of the countries named, and never our own."""
    assert may_be_texted(company, address) is expected


@pytest.mark.parametrize(
    ("targets", "at", "expected"),
    [
        pytest.param(("crew",), NOON, (("ann", "bob"), False), id="a team"),
        pytest.param(("cat", "bob"), NOON, (("cat", "bob"), False), id="two people"),
        pytest.param(("shift",), NOON, (("cat", "eve"), True), id="a team that takes turns"),
        pytest.param(("ann",), NOON + 21 * DAY, (("bob",), False), id="somebody away, and the cover"),
        pytest.param(("dan",), NOON + 10 * DAY, (("cat",), False), id="somebody who has left"),
        pytest.param(("bob",), NOON + 9 * 3600, ((), False), id="somebody at home"),
    ],
)
def test_who_is_reached(
    timetable: Timetable, targets: tuple[str, ...], at: int, expected: tuple[tuple[str, ...], bool]
) -> None:
    """As a decision would find it."""
    found = reach(timetable, timetable.book.numbers["main"], targets, at)

    assert (found.people, found.one) == expected


def test_it_is_told_until_when_that_holds(timetable: Timetable) -> None:
    """The next change of anything that was asked: Bob goes home at four."""
    assert reach(timetable, timetable.book.numbers["main"], ("bob",), NOON).until == NOON + 4 * 3600


@pytest.mark.parametrize(
    ("number", "at", "expected"),
    [
        pytest.param("main", NOON, (True, NOON + 5 * 3600), id="open until five"),
        pytest.param("main", NOON + 6 * 3600, (False, NOON + 21 * 3600), id="closed until nine"),
        pytest.param("side", NOON, (True, None), id="never closed"),
    ],
)
def test_whether_it_is_open(timetable: Timetable, number: str, at: int, expected: tuple[bool, int | None]) -> None:
    """And until when."""
    assert is_open(timetable, timetable.book.numbers[number], at) == expected


@pytest.mark.parametrize(
    ("person", "at", "expected"),
    [
        pytest.param("dan", NOON + 6 * DAY, False, id="on the last day"),
        pytest.param("dan", NOON + 7 * DAY, True, id="the day after"),
        pytest.param("ann", NOON, False, id="somebody who stays"),
        pytest.param("nobody", NOON, True, id="a name that is gone"),
    ],
)
def test_who_has_left(timetable: Timetable, person: str, at: int, expected: bool) -> None:
    """The last day counts as a working day."""
    assert has_left(timetable, person, at) is expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param("main.texts.open", ("crew",), id="what happens without a rule"),
        pytest.param("main.rules.bills", ("bob",), id="a rule"),
        pytest.param("plan:storm", ("duty",), id="a plan"),
        pytest.param("plan:gone", None, id="a plan that is gone"),
        pytest.param("main.rules.gone", None, id="a rule that is gone"),
        pytest.param("main.rules.attested", None, id="a rule that says nothing of texts"),
        pytest.param("main.texts.gone", None, id="no part of it"),
        pytest.param("safety:relay", None, id="no rule at all"),
    ],
)
def test_what_a_rule_says_of_texts(company: RuleBook, rule: str, expected: tuple[str, ...] | None) -> None:
    """Found again by the name it has in decisions."""
    block = block_of(company.numbers["main"], rule)

    assert (block and block.targets) == expected


def test_who_answers_for_several(company: RuleBook) -> None:
    """Cat and Eve are texted through both numbers: as members, as a cover, or by a plan; Dan by none."""
    several = {person for person in company.directory.people if answers_several(company, person)}

    assert several == {"ann", "bob", "cat", "eve"}


@pytest.mark.parametrize(
    ("text", "number", "expected"),
    [
        pytest.param("911", "+16175550100", True, id="the number"),
        pytest.param(" 9-1-1!!", "+16175550100", True, id="as people write it"),
        pytest.param("help 911", "+16175550100", True, id="with a word before"),
        pytest.param("911 emergency", "+16175550100", True, id="with a word behind"),
        pytest.param("call 911 please", "+16175550100", True, id="between two"),
        pytest.param("999", "+442079460100", True, id="in Britain"),
        pytest.param("112", "+4930123456", True, id="in Germany"),
        pytest.param("110", "+4930123456", True, id="the German police"),
        pytest.param("000", "+61291234567", True, id="in Australia"),
        pytest.param("112", "+16175550100", True, id="known everywhere"),
        pytest.param("9111", "+16175550100", False, id="a digit more"),
        pytest.param("91", "+16175550100", False, id="a digit less"),
        pytest.param("order 911", "+16175550100", False, id="an order"),
        pytest.param("I have a Porsche 911 for you", "+16175550100", False, id="a car"),
        pytest.param("help", "+16175550100", False, id="no number"),
        pytest.param("911" + " " * 40, "+16175550100", False, id="too long to be looked at"),
        pytest.param("911", "sip:100@pbx.example.com", True, id="at a number of no country"),
    ],
)
def test_who_asks_for_help(text: str, number: str, expected: bool) -> None:
    """Whoever texts an emergency number and hardly anything else."""
    assert asks_for_help(text, number) is expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param("+16175550100", "911", id="United States"),
        pytest.param("+14165550100", "911", id="Canada"),
        pytest.param("+442079460100", "999", id="Britain"),
        pytest.param("+4930123456", "112", id="Germany"),
        pytest.param("+61291234567", "000", id="Australia"),
        pytest.param("+911123456789", "112", id="India"),
        pytest.param("sip:100@pbx.example.com", "112", id="no country"),
    ],
)
def test_what_they_are_told(number: str, expected: str) -> None:
    """Nobody watches; what to dial in the number's country."""
    assert answer(number) == f"This number is not monitored for emergencies. In an emergency call {expected}."
