"""Commands as people write them in a text, and the same in fields."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.book import RuleBook
from rules.commands import Unclear, parse
from rules.load import load
from rules.spoken import UnclearError
from rules.switching import Clear, ComeBack, Command, GoAway, ShowAll, Switch, going_away, switching


def moment(text: str) -> int:
    """Return the UTC epoch seconds of an ISO moment with its offset."""
    return int(datetime.fromisoformat(text).timestamp())


NOW = moment("2026-11-24T10:00:00-05:00")
MONDAY = moment("2026-11-30T08:00:00-05:00")
EVENING = moment("2026-11-24T18:00:00-05:00")
MIDNIGHT = moment("2026-11-25T00:00:00-05:00")


@pytest.fixture(scope="module")
def office(company_text: str) -> RuleBook:
    """Return the company with a number and a team of two words, and a person in London."""
    text = company_text.replace("  side:\n", "  side street:\n").replace("  desk: {members", "  front desk: {members")
    text = text.replace("{ring: desk}", "{ring: front desk}").replace("  eve: {", "  eve: {timezone: Europe/London, ")
    loaded = load("office.yaml", {"office.yaml": text.encode()}, lambda _name: None)
    assert loaded.book, [problem.headline() for problem in loaded.problems]
    return loaded.book


@pytest.mark.parametrize(
    ("text", "command"),
    [
        pytest.param("away mon 08:00 cat", GoAway("ann", NOW, MONDAY, "cat"), id="until a monday, and who covers"),
        pytest.param("Away until Mon 08:00 cover Cat.", GoAway("ann", NOW, MONDAY, "cat"), id="in sentences"),
        pytest.param("away cover cat until mon 08:00", GoAway("ann", NOW, MONDAY, "cat"), id="the other way round"),
        pytest.param("away mon 08:00", GoAway("ann", NOW, MONDAY), id="her own cover"),
        pytest.param("away today", GoAway("ann", NOW, MIDNIGHT), id="for the rest of the day"),
        pytest.param("away 8h crew", GoAway("ann", NOW, EVENING, "crew"), id="a team covers"),
        pytest.param(
            "away for today covered by front desk", GoAway("ann", NOW, MIDNIGHT, "front desk"), id="two words"
        ),
        pytest.param("away until 6pm, only calls", GoAway("ann", NOW, EVENING, None, "call"), id="calls alone"),
        pytest.param("away texts only until 18:00 bob", GoAway("ann", NOW, EVENING, "bob", "text"), id="texts alone"),
        pytest.param(
            "away from mon 08:00 until mon 12:00 bob", GoAway("ann", MONDAY, MONDAY + 4 * 3600, "bob"), id="planned"
        ),
        pytest.param("back", ComeBack("ann"), id="back again"),
        pytest.param("BACK!", ComeBack("ann"), id="loudly"),
        pytest.param("override main closed today", Switch("closed", None, "main", NOW, MIDNIGHT), id="closed today"),
        pytest.param("override closed main today", Switch("closed", None, "main", NOW, MIDNIGHT), id="any order"),
        pytest.param(
            "override side street open until 18:00", Switch("open", None, "side street", NOW, EVENING), id="a long name"
        ),
        pytest.param("override storm until 18:00", Switch("plan", "storm", None, NOW, EVENING), id="a plan for all"),
        pytest.param("override business closed for 8h", Switch("closed", None, None, NOW, EVENING), id="the business"),
        pytest.param("override close all 8h", Switch("closed", None, None, NOW, EVENING), id="in other words"),
        pytest.param(
            "override main storm from 14:00 until 18:00",
            Switch("plan", "storm", "main", NOW + 4 * 3600, EVENING),
            id="later",
        ),
        pytest.param("override clear main", Clear("main"), id="clear a number"),
        pytest.param("override off side street", Clear("side street"), id="clear, in another word"),
        pytest.param("override list", ShowAll(), id="list"),
    ],
)
def test_a_command(office: RuleBook, text: str, command: Command) -> None:
    """Read as it is meant."""
    assert parse(text, person="ann", book=office, now=NOW) == command


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("hello", "this is no command", id="no command at all"),
        pytest.param("", "this is no command", id="nothing"),
        pytest.param("away", "until when?", id="no end"),
        pytest.param("away cat", "say when it ends", id="a cover and no end"),
        pytest.param("away mon", "'mon' needs a time of day as well", id="a day and no time"),
        pytest.param("away mon cat", "'mon' needs a time of day as well", id="a day, no time and a cover"),
        pytest.param("away mon 08:00 caat", "nobody is called 'caat'; did you mean 'cat'?", id="a slip"),
        pytest.param("away mon 08:00 cover zebedee", "nobody is called 'zebedee'; there are: ann, bob", id="nobody"),
        pytest.param("away mon 08:00 cover", "nobody is called ''", id="cover by whom?"),
        pytest.param("away please mon 08:00 cat", "what is 'please'?", id="a word too many"),
        pytest.param("away mon 08:00 cat bob", "only one can cover: cat or bob", id="two covers"),
        pytest.param("away mon 08:00 ann", "ann cannot cover for ann", id="oneself"),
        pytest.param("away mon 08:00 only", "'only' wants calls or texts", id="only what?"),
        pytest.param("away calls texts mon 08:00", "'only' wants calls or texts", id="both is all"),
        pytest.param("away mon 08:00 tue 08:00", "the end is said twice", id="two ends"),
        pytest.param("away from mon 08:00 from tue 08:00", "the beginning is said twice", id="two beginnings"),
        pytest.param("away for 721h", "30 days are the most", id="an hour more than thirty days"),
        pytest.param("back tomorrow", "'back' stands alone; what is 'tomorrow'?", id="back when?"),
        pytest.param("override", "override what?", id="override what?"),
        pytest.param("override main today", "say what main is to be: open, closed, storm", id="to be what?"),
        pytest.param("override today", "say what the business is to be", id="what, and for whom?"),
        pytest.param("override main closed", "say when it ends", id="until when?"),
        pytest.param("override mian closed today", "what is 'mian'? Did you mean 'main'?", id="a slip in the name"),
        pytest.param("override main closed for 337h", "14 days are the most", id="an hour more than fourteen days"),
        pytest.param("override zebedee closed today", "what is 'zebedee'?", id="no such number"),
        pytest.param("override main closed fri", "'fri' needs a time of day", id="a day and no time for a number"),
        pytest.param("override main main closed today", "what is 'main'?", id="twice the same"),
        pytest.param("override clear", "clear what?", id="clear what?"),
    ],
)
def test_what_is_not_understood(office: RuleBook, text: str, why: str) -> None:
    """A sentence says what is wrong and what to write instead."""
    found = parse(text, person="ann", book=office, now=NOW)

    assert isinstance(found, Unclear)
    assert why in found.why


def test_thirty_days_for_an_absence(office: RuleBook) -> None:
    """To the second."""
    assert parse("away for 720h", person="ann", book=office, now=NOW) == GoAway("ann", NOW, NOW + 30 * 86400)


def test_times_are_those_of_the_person(office: RuleBook) -> None:
    """Eve lives in London: her day ends there."""
    assert parse("away today", person="eve", book=office, now=NOW) == GoAway("eve", NOW, MIDNIGHT - 5 * 3600)


@pytest.mark.parametrize(
    ("fields", "command"),
    [
        pytest.param({"person": "ann", "until": "mon 08:00"}, GoAway("ann", NOW, MONDAY), id="an absence"),
        pytest.param(
            {"person": "Ann", "until": "mon 08:00", "cover": "CAT", "only": "calls"},
            GoAway("ann", NOW, MONDAY, "cat", "call"),
            id="with all there is to say",
        ),
        pytest.param(
            {"person": "ann", "since": "mon 08:00", "lasting": "4h"},
            GoAway("ann", MONDAY, MONDAY + 4 * 3600),
            id="planned",
        ),
        pytest.param(
            {"what": "closed", "target": "main", "lasting": "today"},
            Switch("closed", None, "main", NOW, MIDNIGHT),
            id="closed",
        ),
        pytest.param(
            {"what": "Storm", "target": "ALL", "until": "18:00"},
            Switch("plan", "storm", None, NOW, EVENING),
            id="a plan",
        ),
        pytest.param(
            {"what": "open", "target": None, "until": "18:00"}, Switch("open", None, None, NOW, EVENING), id="all"
        ),
    ],
)
def test_fields(office: RuleBook, fields: dict[str, str], command: Command) -> None:
    """The command line and the admin listener say the same in fields."""
    read = going_away if "person" in fields else switching
    assert read(**fields, book=office, now=NOW) == command  # type: ignore[operator]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        pytest.param(
            {"person": "anne", "until": "mon 08:00"}, "no person called 'anne'; did you mean 'ann'?", id="nobody"
        ),
        pytest.param(
            {"person": "ann", "until": "18:00", "cover": "xyz"}, "no person or team called 'xyz'", id="no cover"
        ),
        pytest.param({"person": "ann", "until": "18:00", "only": "faxes"}, "no kind called 'faxes'", id="faxes"),
        pytest.param({"person": "ann", "until": "18:00", "lasting": "2h"}, "not both", id="two ends"),
        pytest.param(
            {"person": "ann", "until": "18:00 sharp"}, "'sharp' in '18:00 sharp' is no time", id="words left over"
        ),
        pytest.param({"person": "ann"}, "say when it ends", id="no end"),
        pytest.param(
            {"what": "stom", "target": "main", "lasting": "2h"}, "no plan called 'stom'; did you mean", id="no plan"
        ),
        pytest.param(
            {"what": "open", "target": "zzz", "lasting": "2h"},
            "no number called 'zzz'; there are: main",
            id="no number",
        ),
    ],
)
def test_fields_that_are_wrong(office: RuleBook, fields: dict[str, str], why: str) -> None:
    """Each with a sentence."""
    read = going_away if "person" in fields else switching
    with pytest.raises(UnclearError) as caught:
        read(**fields, book=office, now=NOW)  # type: ignore[operator]

    assert why in str(caught.value)


def test_a_number_may_be_called_business(company_text: str) -> None:
    """Then its name means the number."""
    loaded = load("a.yaml", {"a.yaml": company_text.replace("  side:\n", "  business:\n").encode()}, lambda _name: None)
    assert loaded.book

    found = switching("closed", target="business", book=loaded.book, now=NOW, lasting="2h")

    assert found.number == "business"
    assert parse("override business closed 2h", person="ann", book=loaded.book, now=NOW) == found


SAID = (
    "away back override until for from today tomorrow mon tuesday 08:00 20:00 8pm 24 dec 2026-12-24 2h cover only calls "
    "main side storm open closed clear list cat crew front desk noon at on , . 2026-12-24T12:00Z 99h 31 feb é 0"
)
WORDS = st.sampled_from(SAID.split())


@given(
    text=st.lists(WORDS | st.text(max_size=12), max_size=9).map(" ".join),
    now=st.integers(NOW, NOW + 400 * 86400),
)
def test_whatever_is_written(office: RuleBook, text: str, now: int) -> None:
    """It is a command with an end within its limit, or a sentence; never an error of ours."""
    found = parse(text, person="ann", book=office, now=now)

    if isinstance(found, GoAway | Switch):
        days = 30 if isinstance(found, GoAway) else 14
        assert now <= found.since < found.until
        assert found.until - found.since <= days * 86400 + 3600
    if isinstance(found, Unclear):
        assert found.why
