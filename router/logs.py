"""
Structured logs: one JSON line per event in production, coloured lines on a terminal.

Names are those OpenTelemetry and ECS share (`timestamp`, `level`, `event`, `error.type` …). Phone numbers are masked here,
in one processor over every text, so that no call has to remember it. Secrets and the bodies of texts are never logged at all.
"""

import io
import json
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, Literal, TextIO, cast

import attrs
import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger
from twisted.logger import (
    ILogObserver,
    LogEvent,
    LogLevel,
    formatEvent,
    globalLogBeginner,
)
from zope.interface import implementer

from router.clock import Clock, iso
from router.loglines import Lines
from router.masking import mask_text
from rules.source import printable

Format = Literal["json", "console"]
LEVELS = ("debug", "info", "warning", "error")

_OURS = frozenset(
    {
        "timestamp",
        "level",
        "event",
        "logger",
        "id",
        "ruleset",
        "rule",
        "provider",
        "number",
        "action",
        "what",
        "duration_us",
    }
)
"""Fields we make ourselves, of which none can hold a number of somebody's; an id with many digits is not one."""

_NOTHING: Mapping[str, str] = MappingProxyType({})
_ABOUT: ContextVar[Mapping[str, str]] = ContextVar("about", default=_NOTHING)


def about(**fields: str) -> None:
    """
    Say what the present request is about; every line logged within its coroutine carries *fields*.

    One context variable for all of them: a coroutine has a context of its own in Twisted, a bare callback has not.
    """
    _ABOUT.set(fields)


def configure(*, style: Format, level: str, clock: Clock, to: TextIO) -> Lines:
    """Set up structlog for the whole process; *level* and everything above it is written, to what is returned."""
    lines = Lines(to)
    lowest = {"debug": 10, "info": 20, "warning": 30, "error": 40}[level]
    processors: list[Processor] = [_Complete(clock), _mask]
    if style == "console":
        processors += [_make_harmless, structlog.dev.ConsoleRenderer(colors=to.isatty(), pad_event_to=24)]
    else:
        processors.append(_render_json)
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=lines,
        cache_logger_on_first_use=False,
    )
    return lines


def take_over_twisted() -> None:
    """Send what Twisted logs through structlog as well, and nowhere else."""
    globalLogBeginner.beginLoggingTo(
        [cast("ILogObserver", FromTwisted())], redirectStandardIO=False, discardBuffer=True
    )


@implementer(ILogObserver)
class FromTwisted:
    """Turns Twisted's log events into ours; its small talk is for `--log-level debug`."""

    def __call__(self, event: LogEvent) -> None:
        """Log one event of Twisted's."""
        log = structlog.get_logger()
        said: dict[str, Any] = {"logger": str(event.get("log_namespace", "twisted")), "text": formatEvent(event)}
        failure = event.get("log_failure")
        if failure is not None:
            said["exc_info"] = (failure.type, failure.value, failure.getTracebackObject())
        match event.get("log_level"):
            case LogLevel.critical | LogLevel.error:
                log.error("twisted.failed", **said)
            case LogLevel.warn:
                log.warning("twisted.warned", **said)
            case _:
                log.debug("twisted.said", **said)


# ---------------------------------------------------------------- processors


@attrs.frozen
class _Complete:
    """Adds the level, when it was (by the wall clock, to the microsecond), what the request is about, and what was raised."""

    clock: Clock

    def __call__(self, _logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        event = {
            "timestamp": iso(self.clock.now()),
            "level": "error" if method == "exception" else method,
            "event": event.pop("event"),
            **_ABOUT.get(),
            **event,
        }
        return _tell_exception(event) if "exc_info" in event else event


def _tell_exception(event: EventDict) -> EventDict:
    """Replace `exc_info` by `error.type`, `error.message` and `error.stack_trace`; never a local variable's value."""
    given = event.pop("exc_info")
    if not given:
        return event
    if isinstance(given, BaseException):
        given = (type(given), given, given.__traceback__)
    elif not isinstance(given, tuple):
        given = sys.exc_info()
    kind, error, trace = given
    if kind is not None:
        event["error.type"] = f"{kind.__module__}.{kind.__qualname__}"
        event["error.message"] = str(error)
        told = io.StringIO()
        traceback.print_exception(kind, error, trace, limit=-30, file=told)
        event["error.stack_trace"] = told.getvalue()
    return event


def _mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask every phone number in every text, however deep."""
    for name in event.keys() - _OURS:
        value = event[name]
        event[name] = mask_text(value) if type(value) is str else _masked(value)
    return event


def _masked(value: object) -> object:
    """Mask inside lists and mappings; what is neither text nor a collection is told by its name."""
    match value:
        case str():
            return mask_text(value)
        case bool() | int() | float() | None:
            return value
        case Mapping():
            return {str(name): _masked(inner) for name, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_masked(inner) for inner in value]
    return mask_text(str(value))


def _make_harmless(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take out of every text what a terminal would obey: escapes, newlines, marks that turn the reading direction."""
    trace = event.pop("error.stack_trace", None)
    harmless = {name: _harmless(value) for name, value in event.items()}
    if trace is not None:
        harmless["exception"] = "\n".join(printable(line) for line in str(trace).splitlines())
    return harmless


def _harmless(value: object) -> object:
    return value if isinstance(value, bool | int | float | None) else printable(str(value))


def _render_json(_logger: WrappedLogger, _method: str, event: MutableMapping[str, Any]) -> str:
    """Write one line, ASCII only: whatever a caller puts into a name cannot end the line or hide in it."""
    try:
        line = orjson.dumps(event)
    except TypeError:  # half a surrogate pair, or a number of more than 64 bits
        line = b"\x80"
    return line.decode() if line.isascii() else json.dumps(event, separators=(",", ":"))
