"""What logs look like, and what never stands in them."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from twisted.internet.defer import Deferred
from twisted.logger import Logger, LogLevel
from twisted.python.failure import Failure

from router import logs
from router.logs import FromTwisted, configure


class _Noon:
    def now(self) -> float:
        return 1_795_532_400.25

    def received_at(self, headers: object) -> float:
        raise AssertionError


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """Log as JSON into memory, and afterwards as before."""
    before = structlog.get_config()
    to = io.StringIO()
    configure(style="json", level="debug", clock=_Noon(), to=to)
    yield to
    structlog.configure(**before)


def _lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line(out: io.StringIO) -> None:
    """Time, level and event come first; the rest as it was given."""
    structlog.get_logger().info("call.decided", number="boston", duration_us=12, good=True, nothing=None)

    assert out.getvalue() == (
        '{"timestamp":"2026-11-24T15:00:00.250000Z","level":"info","event":"call.decided",'
        '"number":"boston","duration_us":12,"good":true,"nothing":null}\n'
    )


def test_numbers_are_masked_however_deep(out: io.StringIO) -> None:
    """In texts, lists, mappings and whatever else is told."""

    class Odd:
        def __str__(self) -> str:
            return "for +12025550123"

    deep = {"list": ["+12025550123", 5, 1.5], "tuple": ("+12025550123",), "set": {"+12025550123"}}
    structlog.get_logger().info("x", caller="from +12025550123", deep=deep, odd=Odd())

    assert "2025550123" not in out.getvalue()
    assert _lines(out)[0]["deep"]["list"] == ["+1202***0123", 5, 1.5]


def test_a_caller_cannot_write_lines(out: io.StringIO) -> None:
    """Newlines, escapes and marks that turn the reading direction stay inside the line."""
    structlog.get_logger().info("x", name='a\n{"level":"error"}\x1b[2J\u202e\u2028')

    assert len(out.getvalue().splitlines()) == 1
    assert out.getvalue().isascii()


@pytest.mark.parametrize("how", ["exception", "instance", "tuple"])
def test_an_exception_is_told_without_values(out: io.StringIO, how: str) -> None:
    """What went wrong and where, but no local variable."""
    secret = "whsec_very_secret"  # noqa: F841
    log = structlog.get_logger()
    try:
        raise ValueError("bad call from +12025550123")
    except ValueError as error:
        match how:
            case "exception":
                log.exception("x")
            case "instance":
                log.error("x", exc_info=error)
            case "tuple":
                log.error("x", exc_info=(type(error), error, error.__traceback__))

    (line,) = _lines(out)
    assert (line["level"], line["error.type"]) == ("error", "builtins.ValueError")
    assert line["error.message"] == "bad call from +1202***0123"
    assert "test_logs.py" in line["error.stack_trace"]
    assert "whsec" not in out.getvalue().replace('secret = "whsec_very_secret"', "")


def test_no_exception_is_no_exception(out: io.StringIO) -> None:
    """Logging one where there is none does no harm."""
    structlog.get_logger().error("x", exc_info=True)
    structlog.get_logger().error("y", exc_info=False)

    assert all("error.type" not in line for line in _lines(out))


def test_what_a_request_is_about_stays_with_it(out: io.StringIO) -> None:
    """Two requests at once do not mix; outside of them nothing is said."""
    log = structlog.get_logger()
    first: Deferred[None] = Deferred()

    async def request(name: str, waits: "Deferred[None] | None") -> None:
        logs.about(event_id=name)
        if waits:
            await waits
        log.info("x")

    Deferred.fromCoroutine(request("one", first))
    Deferred.fromCoroutine(request("two", None))
    first.callback(None)
    log.info("x")

    assert [line.get("event_id") for line in _lines(out)] == ["two", "one", None]


def test_what_is_not_asked_for_is_not_logged() -> None:
    """Levels below the chosen one cost nothing."""
    before = structlog.get_config()
    to = io.StringIO()
    configure(style="json", level="warning", clock=_Noon(), to=to)
    structlog.get_logger().info("x")
    structlog.get_logger().warning("y")
    structlog.configure(**before)

    assert [line["event"] for line in _lines(to)] == ["y"]


def test_a_terminal_is_not_obeyed_by_strangers() -> None:
    """On a terminal, too, texts from outside cannot move the cursor or hide; tracebacks keep their lines."""
    before = structlog.get_config()
    to = io.StringIO()
    configure(style="console", level="info", clock=_Noon(), to=to)
    structlog.get_logger().info("x", name="a\x1b[2J\nb\u202e", count=3)
    try:
        raise ValueError("\x1b[2J")
    except ValueError:
        structlog.get_logger().exception("y")
    structlog.configure(**before)

    assert "\x1b" not in to.getvalue()
    assert "\u202e" not in to.getvalue()
    assert "count=3" in to.getvalue()
    assert "\nTraceback" in to.getvalue()


@pytest.mark.parametrize(
    ("level", "event", "ours"),
    [
        pytest.param(LogLevel.info, "twisted.said", "debug", id="small talk"),
        pytest.param(LogLevel.warn, "twisted.warned", "warning", id="a warning"),
        pytest.param(LogLevel.error, "twisted.failed", "error", id="an error"),
        pytest.param(LogLevel.critical, "twisted.failed", "error", id="a failure"),
    ],
)
def test_twisted_speaks_through_us(out: io.StringIO, level: Any, event: str, ours: str) -> None:
    """At our levels, masked like everything."""
    log = Logger("http", observer=FromTwisted())
    log.emit(level, "call from {number}", number="+12025550123")

    (line,) = _lines(out)
    assert (line["event"], line["level"], line["text"]) == (event, ours, "call from +1202***0123")
    assert line["logger"] == "http"


def test_twisted_failures_keep_their_trace(out: io.StringIO) -> None:
    """What an unhandled error in a Deferred was."""
    log = Logger("defer", observer=FromTwisted())
    try:
        raise KeyError("lost")
    except KeyError:
        log.failure("Unhandled", Failure())

    assert _lines(out)[0]["error.type"] == "builtins.KeyError"


def test_twisted_is_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its log goes to us alone, and standard output stays what it is."""
    taken: list[Any] = []
    monkeypatch.setattr(
        "router.logs.globalLogBeginner", type("B", (), {"beginLoggingTo": lambda self, *a, **k: taken.append((a, k))})()
    )

    logs.take_over_twisted()

    ((observers,), options) = taken[0]
    assert isinstance(observers[0], FromTwisted)
    assert options["redirectStandardIO"] is False
