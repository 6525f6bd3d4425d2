"""What comes after a call, put together: recordings fetched and kept, notices and texts back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
from twisted.web.client import BrowserLikePolicyForHTTPS

from router.channels.http import Line
from router.clock import Clock
from router.engine.engine import Engine
from router.engine.shared import Rules
from router.notices import Notices
from router.recordings.recordings import InThread, Journal, Outbox, Recordings
from router.recordings.shelf import Shelf

FOLDER = "recordings"


@attrs.frozen(eq=False)
class AfterCall:
    """The two parts: *recordings* has a life of its own, *notices* are asked by whoever turns effects into messages."""

    recordings: Recordings
    notices: Notices
    caller_of: Callable[[str], str | None]


def after_call(
    state: Path,
    *,
    outbox: Outbox,
    journal: Journal,
    rules: Rules,
    engine: Engine,
    clock: Clock,
    reactor: Any,
    in_thread: InThread,
) -> AfterCall:
    """Build them on the *state* folder; `recordings.start()` after the outbox has been restored."""
    shelf = Shelf(state / FOLDER)
    shelf.open()
    recordings = Recordings(
        shelf=shelf,
        outbox=outbox,
        journal=journal,
        line=Line(reactor, reactor, BrowserLikePolicyForHTTPS()),  # type: ignore[no-untyped-call]
        carriers=lambda: {
            name: each for name, each in rules.current.settings.sending.carriers.items() if each.gives_recordings
        },
        boxes=lambda: rules.current.book.boxes,
        clock=clock,
        timers=reactor,
        in_thread=in_thread,
    )

    def caller_of(reference: str) -> str | None:
        call = engine.call(reference)
        return call.caller if call is not None else None

    notices = Notices(
        engine.call, shelf.__contains__, recordings.coming, lambda: rules.current.settings.sending.webhooks
    )
    return AfterCall(recordings, notices, caller_of)
