"""Calendars as the commands see them: files read at once, of all others the daemon's last good copy; one evaluator for all."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from router.cli import main
from router.feeds import reading
from router.feeds.copies import Copies, Copy
from router.loading import InForce, Refusal, Source

OFFICE = """
public_url: https://phone.example.com
business: {{name: Harbor Realty, timezone: America/New_York, country: US}}
providers: {{fake: {{adapter: generic, secret: env:FAKE}}}}
safety: {{countries: [US]}}
failsafe: {{say: Please call again., voicemail: main}}
people:
  anna: {{devices: {{desk: "sip:anna@pbx.example"}}, texts_by: [email], email: anna@example.com, cover: ben, calendar: {calendar}}}
  ben: {{devices: {{desk: "sip:ben@pbx.example"}}, texts_by: [email], email: ben@example.com}}
mail: {{server: "127.0.0.1:25", tls: none, from: desk@example.com}}
numbers:
  boston: {{number: "+1 617 555 0100", provider: fake, hours: {{daily: all-day, holidays: normal}}, calls: {{open: [{{ring: anna}}]}}, texts: {{open: {{to: anna}}}}}}
voicemail: {{main: {{notify: [anna]}}}}
"""
VACATION = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Vacation\r\n"
    "DTSTART;VALUE=DATE:20261130\r\nDTEND;VALUE=DATE:20261205\r\nEND:VEVENT\r\n{more}END:VCALENDAR\r\n"
)
SECONDLY = "BEGIN:VEVENT\r\nUID:2\r\nDTSTART:20261201T100000\r\nDURATION:PT1S\r\nRRULE:FREQ=SECONDLY\r\nEND:VEVENT\r\n"
AWAY = ("explain", "--to", "boston", "--from", "+12125550177", "--call", "--at", "2026-12-01 10:00")
AFTER = (*AWAY[:-1], "2026-12-05 00:00")
CHECK = ("check", "--now", "2026-11-27 09:00", "--days", "30")


class Office:
    """A configuration in a folder, and the commands."""

    def __init__(self, folder: Path, calendar: str) -> None:
        """Write it."""
        self.folder = folder
        self.config = folder / "config.yaml"
        self.write(calendar)

    def write(self, calendar: str) -> None:
        """Write it with this calendar."""
        self.config.write_text(OFFICE.format(calendar=calendar))

    def run(self, *args: str) -> Result:
        """Run a command."""
        return CliRunner().invoke(main, ["-c", str(self.config), *args], catch_exceptions=False)

    def keep(self, written: str, *, hours: float = 1, content: bytes | None = None) -> None:
        """Leave a copy behind as the daemon does, read some *hours* ago."""
        at = int(time.time() - hours * 3600)  # noqa: TID251  commands look at the real clock
        text = VACATION.format(more="").encode() if content is None else content
        Copies.within(self.folder / "state").keep("anna", Copy(written, "", at, "", "", text))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return an office whose calendar is a file."""
    (tmp_path / "anna.ics").write_text(VACATION.format(more=""))
    return Office(tmp_path, "file:anna.ics")


def rings(result: Result, person: str) -> bool:
    """Say whether *person* is rung."""
    assert result.exit_code == 0, result.output
    return f"sip:{person}" in result.output or f"ring {person}" in result.output.lower()


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(AWAY, id="explain"),
        pytest.param(
            (
                "timeline",
                "--to",
                "boston",
                "--from",
                "+12125550177",
                "--call",
                "--now",
                "2026-12-01 10:00",
                "--days",
                "1",
            ),
            id="timeline",
        ),
    ],
)
def test_a_file_is_read_by_commands(office: Office, args: tuple[str, ...]) -> None:
    """Away by a file: the cover is rung, and the calendar is named as the reason."""
    result = office.run(*args)

    assert result.exit_code == 0, result.output
    assert "ben" in result.output
    assert "ben" not in office.run(*AFTER).output


def test_explain_says_why(office: Office) -> None:
    """The question asked is that of the calendar."""
    assert "away:anna:calendar" in office.run(*AWAY, "--json").output


def test_tests_of_ones_own(office: Office) -> None:
    """The office's tests see calendars, in the command and when the daemon loads the rules."""
    tests = office.folder / "tests.yaml"
    tests.write_text(
        "tests:\n  - {name: ben covers, at: 2026-12-01 10:00, call: {to: boston, from: '+1 212 555 0177'}, "
        "expect: {rings: ben}}\n"
    )
    office.config.write_text(office.config.read_text() + "tests: tests.yaml\n")

    result = office.run("test")
    made = Source(office.config, {"FAKE": "s" * 32}).read(datetime(2026, 11, 27, tzinfo=UTC).timestamp())

    assert result.exit_code == 0, result.output
    assert isinstance(made, InForce), made


def test_diff(office: Office) -> None:
    """Two files that differ in their calendar alone are told apart by what follows."""
    other = office.folder / "other.yaml"
    other.write_text(OFFICE.format(calendar="{url: 'file:anna.ics', match: sabbatical}"))

    result = office.run("diff", str(office.config), str(other), "--now", "2026-11-27 09:00")

    assert "ben" in result.output


def test_check_tells_the_next_absences(office: Office) -> None:
    """A good calendar: what comes next, in days."""
    result = office.run(*CHECK)

    assert result.exit_code == 0, result.output
    assert "anna's calendar: next away Mon 30 Nov 2026 to Fri 4 Dec 2026\n" in result.stdout


def test_nothing_in_sight(office: Office) -> None:
    """None that fits the words to look for: that is told as well."""
    office.write("{url: 'file:anna.ics', match: sabbatical}")

    assert "anna's calendar: no absence in sight\n" in office.run(*CHECK).stdout


def test_the_daemons_copy(office: Office) -> None:
    """Of an address the commands read the daemon's last good copy, and need no secret for that."""
    office.write("env:ANNA_CALENDAR")
    office.keep("env:ANNA_CALENDAR")

    assert "ben" in office.run(*AWAY).output
    assert "calendar" not in office.run(*CHECK).stderr


@pytest.mark.parametrize(
    ("hours", "told"), [pytest.param(23.9, False, id="not quite a day"), pytest.param(24.1, True, id="more than a day")]
)
def test_stale(office: Office, hours: float, told: bool) -> None:
    """A copy more than a day old still holds, and `check` warns."""
    office.write("env:ANNA_CALENDAR")
    office.keep("env:ANNA_CALENDAR", hours=hours)

    result = office.run(*CHECK)

    assert ("[calendar-stale]" in result.stderr) == told
    assert ("was last read 24 hours ago; what it said then still holds" in result.stderr) == told
    assert "next away Mon 30 Nov" in result.stdout


@pytest.mark.parametrize(
    ("calendar", "content", "why"),
    [
        pytest.param("env:ANNA_CALENDAR", None, "it has not been read yet", id="never read"),
        pytest.param(
            "'https://calendars.example/a.ics'", None, "it has not been read yet", id="never read, an address"
        ),
        pytest.param("file:gone.ics", None, "cannot be read: no such file", id="no file"),
        pytest.param("file:anna.ics", "<html>", "it is a web page", id="a file that is none"),
        pytest.param("file:anna.ics", VACATION.format(more=SECONDLY), "repeats more often", id="part of it left out"),
    ],
)
def test_what_tells_nothing(office: Office, calendar: str, content: str | None, why: str) -> None:
    """It is a warning with the reason; nobody is away by what is not there."""
    office.write(calendar)
    if content is not None:
        (office.folder / "anna.ics").write_text(content)

    result = office.run(*CHECK)

    assert result.exit_code == 0
    assert "[calendar-unread]" in result.stderr
    assert why in result.stderr


def test_a_broken_file_with_a_copy(office: Office) -> None:
    """What the file said before holds, as it does for the daemon."""
    office.keep("file:anna.ics")
    (office.folder / "anna.ics").write_text("<html>")

    assert "ben" in office.run(*AWAY).output
    assert (
        "it is a web page, maybe one to log in, instead of a calendar; what it said before holds"
        in office.run(*CHECK).stderr
    )


def test_a_copy_that_is_none(office: Office) -> None:
    """A copy nobody can read says nothing."""
    office.write("env:ANNA_CALENDAR")
    office.keep("env:ANNA_CALENDAR", content=b"<html>")

    assert "it is a web page" in office.run(*CHECK).stderr


def test_not_installed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """`check` calls it a mistake, a start is refused, and both say how to install it."""
    monkeypatch.setattr(reading, "find_spec", lambda _: None)

    result = office.run(*CHECK)
    made = Source(office.config, {"FAKE": "s" * 32}).read(0.0)

    assert result.exit_code == 1
    assert "error: reading calendars is not installed [calendars-missing]" in result.stderr
    assert "hint: install it: pip install 'switchhook[calendars]'" in result.stderr
    assert isinstance(made, Refusal)
    assert "pip install 'switchhook[calendars]'" in made.shown


@pytest.mark.parametrize(
    ("value", "why"),
    [
        pytest.param("", "the environment variable ANNA_CALENDAR is not set", id="not set"),
        pytest.param("http://calendars.example/a.ics", "holds no address of a calendar", id="not encrypted"),
        pytest.param("webcal://calendars.example/a.ics", "", id="webcal is https"),
    ],
)
def test_addresses_of_the_daemon(office: Office, value: str, why: str) -> None:
    """A start is refused, in words, when the secret address is none; the address itself is never shown."""
    office.write("env:ANNA_CALENDAR")

    made = Source(office.config, {"FAKE": "s" * 32, "ANNA_CALENDAR": value}).read(0.0)

    if not why:
        assert isinstance(made, InForce)
        assert made.settings.calendars["anna"].url == "https://calendars.example/a.ics"
        assert "calendars.example" not in repr(made.settings)
    else:
        assert isinstance(made, Refusal)
        assert why in made.shown
        assert "calendars.example" not in made.shown


def test_json(office: Office) -> None:
    """The findings stand in the JSON as any others."""
    office.write("file:gone.ics")

    (told,) = json.loads(office.run(*CHECK, "--json").stdout)

    assert "calendar-unread" in [each["code"] for each in told["problems"]]


def test_nobody_has_a_calendar(office: Office) -> None:
    """Then nothing is said about calendars."""
    office.config.write_text(office.config.read_text().replace(", calendar: file:anna.ics", ""))

    assert "calendar" not in office.run(*CHECK).output.replace(str(office.folder), "")
