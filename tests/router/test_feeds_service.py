"""The service that keeps up with calendars: what holds when they change, vanish, hang or turn into something else."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from structlog.testing import capture_logs
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from adapters.sending import RestReply, RestRequest
from router.channels.http import NeverReachedError, NoAnswerError
from router.feeds import service as services
from router.feeds.copies import Copies, Copy, place_of
from router.feeds.reading import LARGEST
from router.feeds.service import CalendarService
from router.feeds.source import Calendar, address
from router.metrics import Metrics
from rules.words import Words

URL = "https://calendars.example/private-5b0c/anna.ics"
START = datetime(2026, 11, 27, 12, tzinfo=UTC).timestamp()
VACATION = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:{title}\r\n"
    "DTSTART;VALUE=DATE:{day}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def vacation(day: str = "20261130", title: str = "Vacation") -> bytes:
    """Return a calendar with one day away."""
    return VACATION.format(day=day, title=title).encode()


def away(day: str, zone: str = "UTC") -> tuple[tuple[int, int], ...]:
    """Return that day."""
    start = datetime.strptime(day, "%Y%m%d").replace(tzinfo=ZoneInfo(zone))
    return ((int(start.timestamp()), int((start + timedelta(days=1)).timestamp())),)


@attrs.define(eq=False)
class Server:
    """Answers requests for calendars as a test says."""

    answer: Any = attrs.field(factory=lambda: RestReply(200, {}, vacation()))
    asked: list[RestRequest] = attrs.field(factory=list)

    async def exchange(self, request: RestRequest, *, limit: int) -> RestReply:
        """Answer, fail, or let it wait."""
        assert limit == LARGEST
        self.asked.append(request)
        answer = self.answer(request) if callable(self.answer) else self.answer
        if isinstance(answer, Exception):
            raise answer
        return await answer if isinstance(answer, Deferred) else answer


def at_once(work: Callable[[], Any]) -> "Deferred[Any]":
    """Do *work* without a thread."""
    return succeed(work())


@attrs.define(eq=False)
class Bench:
    """A service with everything around it in our hands."""

    folder: Path
    server: Server = attrs.field(factory=Server)
    timers: Clock = attrs.field(factory=Clock)
    metrics: Metrics = attrs.field(factory=Metrics)
    told: list[tuple[str, Any]] = attrs.field(factory=list)
    in_thread: Any = at_once
    chance: float = 0.5
    skipped: float = 0.0
    service: CalendarService = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Build it."""
        self.service = CalendarService(
            board=self,
            copies=Copies.within(self.folder),
            line=self.server,
            clock=self,  # type: ignore[arg-type]
            timers=self.timers,
            in_thread=lambda work: self.in_thread(work),  # noqa: PLW0108  a test may change it  # type: ignore[arg-type]
            metrics=self.metrics,
            chance=lambda: self.chance,
        )

    def now(self) -> float:
        """Return the moment."""
        return START + self.skipped + self.timers.seconds()

    def calendar(self, person: str, spans: Any) -> None:
        """Take up what the service tells."""
        self.told.append((person, spans))

    def start(self, *calendars: Calendar, zone: str = "UTC") -> None:
        """Start with these calendars, and let a second pass."""
        done = Deferred.fromCoroutine(self.service.start(rules(*calendars, zone=zone)))
        assert done.called
        self.timers.advance(1)

    def restarted(self, *calendars: Calendar) -> "Bench":
        """Return another service on the same folder, started."""
        self.stop()
        other = Bench(self.folder, self.server)
        other.start(*calendars)
        return other

    def stop(self) -> None:
        """Stop; nothing of it may be left."""
        assert Deferred.fromCoroutine(self.service.stop()).called
        assert self.timers.getDelayedCalls() == []

    def age(self) -> float | None:
        """Return the metric."""
        return self.metrics.registry.get_sample_value("switchhook_calendar_age_seconds", {"person": "anna"})


def rules(*calendars: Calendar, zone: str = "UTC", people: tuple[str, ...] = ("anna", "ben")) -> Any:
    """Return rules in force that name *calendars*."""
    person = SimpleNamespace(zone=ZoneInfo(zone))
    return SimpleNamespace(
        settings=SimpleNamespace(calendars={each.person: each for each in calendars}),
        book=SimpleNamespace(directory=SimpleNamespace(people=dict.fromkeys(people, person))),
    )


def annas(url: str = URL, match: tuple[str, ...] = (), written: str = "env:ANNA_CALENDAR") -> Calendar:
    """Return Anna's calendar."""
    return Calendar("anna", written, Words.of(match) if match else None, None, url)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Return a bench."""
    return Bench(tmp_path)


def test_read_and_told(bench: Bench) -> None:
    """A calendar is read at once and told, then every quarter of an hour; nothing changed: nothing told."""
    bench.start(annas())
    bench.timers.pump([1] * 898)
    before = len(bench.server.asked)
    bench.timers.pump([1] * 3)
    bench.stop()

    assert bench.told == [("anna", away("20261130"))]
    assert (before, len(bench.server.asked)) == (1, 2)
    assert bench.server.asked[0].headers["Accept"].startswith("text/calendar")


def test_what_it_says_changes(bench: Bench) -> None:
    """Another day, and it is told; the copy kept is the new one, alone, and nobody else may read it."""
    bench.start(annas())
    bench.server.answer = RestReply(200, {}, vacation("20261201"))
    bench.timers.pump([1] * 901)

    assert bench.told[-1] == ("anna", away("20261201"))
    assert len(list(bench.folder.rglob("*.ics"))) == 1
    assert {path.stat().st_mode & 0o777 for path in bench.folder.rglob("*.*")} == {0o600}
    assert bench.service.copies.folder.stat().st_mode & 0o777 == 0o700
    assert URL not in "".join(path.read_text() for path in bench.folder.rglob("*.*"))
    bench.stop()


def test_unchanged_by_its_server(bench: Bench) -> None:
    """The server is asked whether there is anything new; no: what was read holds and is not old."""
    bench.server.answer = RestReply(200, {"etag": '"v1"', "last-modified": "Fri, 27 Nov 2026 12:00:00 GMT"}, vacation())
    bench.start(annas())
    bench.server.answer = RestReply(304)
    bench.timers.pump([1] * 901)
    other = bench.restarted(annas())
    other.stop()

    asked = [(each.headers.get("If-None-Match"), each.headers.get("If-Modified-Since")) for each in bench.server.asked]
    assert asked == [(None, None), ('"v1"', "Fri, 27 Nov 2026 12:00:00 GMT"), ('"v1"', "Fri, 27 Nov 2026 12:00:00 GMT")]
    assert (bench.age(), other.told) == (1, [("anna", away("20261130"))])


def test_another_address(bench: Bench) -> None:
    """Behind the same name stands another address: its server is not asked about the version of the other."""
    bench.server.answer = RestReply(200, {"etag": '"v1"'}, vacation())
    bench.start(annas())
    bench.restarted(annas("https://elsewhere.example/a.ics")).stop()

    assert "If-None-Match" not in bench.server.asked[-1].headers


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        pytest.param(RestReply(404), "there is no calendar at its address any more (404)", id="it has gone"),
        pytest.param(RestReply(410), "there is no calendar at its address any more (410)", id="it has gone for good"),
        pytest.param(RestReply(403), "its server does not let us have it (403)", id="not shared any more"),
        pytest.param(RestReply(500), "its server answered 500", id="its server is sick"),
        pytest.param(RestReply(304), "its server answered 304", id="nothing new, which nobody asked"),
        pytest.param(NeverReachedError("nobody listens there"), "nobody listens there", id="refused"),
        pytest.param(NoAnswerError("no answer in time"), "no answer in time", id="it hangs"),
        pytest.param(NoAnswerError("the answer is too large"), "the answer is too large", id="300 MB of it"),
        pytest.param(RestReply(200, {}, b"<html>Log in</html>"), "it is a web page", id="a page to log in"),
        pytest.param(RestReply(200, {}, b""), "it is empty", id="nothing"),
        pytest.param(RestReply(200, {}, vacation()[:-9]), "it is cut short", id="half of it"),
        pytest.param(
            RestReply(302, {"location": "https://login.example/"}), "its server sends us to another one", id="elsewhere"
        ),
        pytest.param(
            RestReply(302, {"location": "http://calendars.example/a.ics"}),
            "its server sends us to another",
            id="unencrypted",
        ),
        pytest.param(
            RestReply(301, {"location": "http://169.254.169.254/"}), "its server sends us to another", id="within"
        ),
        pytest.param(RestReply(302, {}), "its server sends us in a circle", id="to itself"),
    ],
)
def test_what_cannot_be_had(bench: Bench, answer: Any, why: str) -> None:
    """It is said why, once, without the address; what the calendar said before holds, also after a restart."""
    bench.start(annas())
    bench.server.answer = answer
    with capture_logs() as logs:
        bench.timers.pump([1] * 1200)
    other = bench.restarted(annas())
    other.stop()

    said = [each for each in logs if each["event"] == "calendar.unread"]
    assert [(each["person"], each["kept"]) for each in said] == [("anna", True)]
    assert said[0]["reason"].startswith(why)
    assert "private-5b0c" not in json.dumps(logs)
    assert bench.told == other.told == [("anna", away("20261130"))]


def test_a_redirect_on_the_same_host(bench: Bench) -> None:
    """A redirect that stays on the host is followed."""
    there = "https://calendars.example/new.ics"
    bench.server.answer = lambda request: (
        RestReply(200, {}, vacation()) if request.url == there else RestReply(307, {"location": "/new.ics"})
    )
    bench.start(annas())
    bench.stop()

    assert bench.told == [("anna", away("20261130"))]


def test_a_feed_that_repeats_every_second(bench: Bench) -> None:
    """It is no absence, and said to be left out."""
    bench.server.answer = RestReply(200, {}, vacation().replace(b"END:VEVENT", b"RRULE:FREQ=SECONDLY\r\nEND:VEVENT"))
    with capture_logs() as logs:
        bench.start(annas())
    bench.stop()

    assert bench.told == [("anna", ())]
    assert [each["note"] for each in logs if each["event"] == "calendar.left-out"] == [
        "1 event left out: it repeats more often than once a day"
    ]


def test_failures_come_less_often(bench: Bench) -> None:
    """After a minute, two, four …, at most every two hours; when it is back, as before."""
    bench.server.answer = RestReply(500)
    bench.start(annas())
    moments = [0.0]
    for _ in range(60 * 60):
        before = len(bench.server.asked)
        bench.timers.advance(10)
        moments += [bench.timers.seconds()] * (len(bench.server.asked) - before)
    bench.server.answer = RestReply(200, {}, vacation())
    with capture_logs() as logs:
        bench.timers.pump([10] * 721)
    bench.stop()

    gaps = [round((later - sooner) / 60) for sooner, later in pairwise(moments)]
    assert gaps[:8] == [1, 2, 4, 8, 16, 32, 64, 120]
    assert gaps[-1] == 120
    assert "calendar.back" in [each["event"] for each in logs]


def test_jitter(bench: Bench) -> None:
    """Calendars are asked a little earlier or later, so that not all come at once."""
    bench.chance = 0.0
    bench.start(annas())
    bench.timers.pump([1] * 811)
    bench.stop()

    assert len(bench.server.asked) == 2


def test_old(bench: Bench) -> None:
    """What has not been read for a day is told: in the log once, as a figure, and among the checks."""
    bench.start(annas())
    bench.server.answer = NeverReachedError("nobody listens there")
    bench.timers.pump([60] * 1439)
    fresh = bench.service.stale()
    with capture_logs() as logs:
        bench.timers.pump([60] * 60)
    bench.stop()

    assert fresh == []
    assert bench.service.stale() == ["anna's calendar was last read 24 hours ago: nobody listens there"]
    assert [each["hours"] for each in logs if each["event"] == "calendar.stale"] == [24]
    assert (bench.age() or 0) > 24 * 3600


def test_never_read(bench: Bench) -> None:
    """One that could never be read is nobody's absence, and as old as we have asked for it."""
    bench.server.answer = RestReply(404)
    bench.start(annas())
    bench.timers.pump([3600] * 25)
    bench.stop()

    assert bench.told == []
    assert (bench.age() or 0) > 24 * 3600


def test_rules_change(bench: Bench) -> None:
    """Words to look for, the person's zone, another calendar, none at all: each is followed from then on."""
    bench.start(annas())
    bench.service.follow(rules(annas(match=("offsite",))))
    bench.timers.advance(1)
    bench.service.follow(rules(annas(match=("vacation",)), zone="America/New_York"))
    bench.timers.advance(1)
    bench.service.follow(rules(annas("https://calendars.example/b.ics", written="env:OTHER")))
    bench.timers.advance(1)
    bench.service.follow(rules(annas(), people=("ben",)))
    bench.stop()

    there = ("anna", away("20261130"))
    assert bench.told == [
        there,
        ("anna", ()),
        ("anna", away("20261130", "America/New_York")),
        ("anna", ()),
        there,
        ("anna", ()),
    ]
    assert bench.age() is None


def test_the_zone_alone_changes(bench: Bench) -> None:
    """A person moves: whole days are theirs."""
    bench.start(annas())
    bench.service.follow(rules(annas(), zone="America/New_York"))
    bench.timers.advance(1)
    bench.stop()

    assert bench.told == [("anna", away("20261130")), ("anna", away("20261130", "America/New_York"))]


def test_nights_go_by(bench: Bench) -> None:
    """What lies far ahead comes in sight as the window moves on, without asking anybody."""
    bench.server.answer = RestReply(200, {}, vacation("20280101"))
    bench.start(annas())
    bench.server.answer = RestReply(500)
    bench.skipped = 200 * 86400
    bench.timers.advance(1)
    bench.stop()

    assert bench.told == [("anna", ()), ("anna", away("20280101"))]


def test_a_file(bench: Bench, tmp_path: Path) -> None:
    """A file is looked at every minute; gone, what it said holds."""
    file = tmp_path / "anna.ics"
    file.write_bytes(vacation())
    bench.start(Calendar("anna", "file:anna.ics", None, file))
    file.write_bytes(vacation("20261201"))
    bench.timers.pump([1] * 61)
    file.unlink()
    bench.timers.pump([1] * 61)
    bench.stop()

    assert bench.told == [("anna", away("20261130")), ("anna", away("20261201"))]
    assert bench.service.followed["anna"].problem == f"the file {file} cannot be read: no such file or directory"


def test_copies_of_nobody(bench: Bench) -> None:
    """Who has no calendar any more leaves none behind in the state folder."""
    bench.start(annas())
    other = bench.restarted()
    other.stop()

    assert list(bench.service.copies.folder.iterdir()) == []
    assert other.told == []


def test_a_full_disk(bench: Bench) -> None:
    """What was read holds even when it cannot be kept."""
    bench.folder.chmod(0o500)
    if os.geteuid() == 0:  # nobody refuses root: something stands in the way instead
        bench.service.copies.folder.write_text("")
    with capture_logs() as logs:
        bench.start(annas())
    bench.folder.chmod(0o700)
    bench.stop()

    assert bench.told == [("anna", away("20261130"))]
    assert "calendar.not-kept" in [each["event"] for each in logs]


def test_a_copy_that_cannot_be_read_any_more(bench: Bench) -> None:
    """It says nothing, which is told; the next look may bring a better one."""
    bench.service.copies.keep("anna", Copy("env:ANNA_CALENDAR", place_of(URL), int(START), "", "", b"<html>"))
    with capture_logs() as logs:
        bench.start(annas())
    bench.stop()

    assert "calendar.copy-unreadable" in [each["event"] for each in logs]
    assert bench.told == [("anna", away("20261130"))]


@pytest.mark.parametrize("damage", ["content", "manifest", "shape"])
def test_a_damaged_copy(bench: Bench, damage: str) -> None:
    """A copy that is not whole is none."""
    bench.start(annas())
    bench.stop()
    (manifest,) = bench.service.copies.folder.glob("*.json")
    (content,) = bench.service.copies.folder.glob("*.ics")
    {
        "content": lambda: content.write_bytes(b"BEGIN"),
        "manifest": lambda: manifest.write_text("{"),
        "shape": lambda: manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "etag": 1})),
    }[damage]()

    assert bench.service.copies.find("anna", "env:ANNA_CALENDAR") is None
    assert bench.service.copies.people() <= {"anna"}


def test_a_bug_of_ours(bench: Bench) -> None:
    """It is logged, and the next look comes."""
    bench.server.answer = ZeroDivisionError()
    with capture_logs() as logs:
        bench.start(annas())
    bench.server.answer = RestReply(200, {}, vacation())
    bench.timers.pump([1] * 901)
    bench.stop()

    assert [each["event"] for each in logs] == ["calendar.look-failed"]
    assert bench.told == [("anna", away("20261130"))]


def test_stopped_while_a_server_hangs(bench: Bench) -> None:
    """Neither stopping nor other rules wait for a server; what it says later is not taken up."""
    late: Deferred[Any] = Deferred()
    bench.server.answer = late
    bench.start(annas())
    bench.service.follow(rules())
    bench.service.follow(rules(annas()))
    bench.server.answer = Deferred()
    bench.timers.advance(1)
    bench.stop()

    assert bench.told == [("anna", ())]
    assert late.called


def test_gone_while_it_was_worked_out(bench: Bench) -> None:
    """A calendar the rules do not name any more is not told when a thread comes back with it."""
    waiting: list[tuple[Callable[[], Any], Deferred[Any]]] = []

    def later(work: Callable[[], Any]) -> "Deferred[Any]":
        waiting.append((work, Deferred()))
        return waiting[-1][1]

    bench.start(annas())
    bench.server.answer = RestReply(200, {}, vacation("20261201"))
    bench.in_thread = later
    bench.timers.pump([1] * 901)
    service = bench.service
    service.follow(rules())
    work, done = waiting.pop()
    bench.in_thread = at_once
    done.callback(work())
    bench.stop()

    assert bench.told == [("anna", away("20261130")), ("anna", ())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(" https://a.example/x.ics\n", "https://a.example/x.ics", id="https"),
        pytest.param("webcal://a.example/x.ics", "https://a.example/x.ics", id="webcal is https"),
        pytest.param("http://127.0.0.1:8089/x.ics", "http://127.0.0.1:8089/x.ics", id="this machine"),
        pytest.param("http://a.example/x.ics", None, id="not encrypted"),
        pytest.param("https:///x.ics", None, id="no host"),
        pytest.param("https://a.example:port/x.ics", None, id="no port"),
        pytest.param("https://a.example/x y", None, id="a space"),
        pytest.param("https://a.example/x\r\nHost: b", None, id="a line break"),
        pytest.param("file:///etc/passwd", None, id="a file"),
        pytest.param("my holidays", None, id="words"),
    ],
)
def test_addresses(text: str, expected: str | None) -> None:
    """Encrypted, or on this machine; nothing that could smuggle in a line."""
    assert address(text) == expected


def test_at_most_a_few_at_once(bench: Bench) -> None:
    """Many calendars are asked for a few at a time."""
    bench.server.answer = lambda _: Deferred()
    people = tuple(f"p{n}" for n in range(9))
    calendars = [Calendar(person, "env:A", None, None, URL) for person in people]
    Deferred.fromCoroutine(bench.service.start(rules(*calendars, people=people)))
    bench.timers.advance(1)
    bench.stop()

    assert len(bench.server.asked) >= services.AT_ONCE
