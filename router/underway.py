"""The reactor started, and the daemon with it: the one place that does."""

import signal
import time
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred

from router.app import Daemon
from router.quiet import settle


def run(build: Callable[[Any], Daemon], ready: Callable[[Daemon], object]) -> None:
    """
    Run the daemon until it is told to stop; raises what kept it from starting. *ready* is called when it takes calls.

    Timers run on the monotonic clock: Twisted's own choice, the wall clock, makes them fire early or late by as much as
    somebody sets it (twisted#2424).
    """
    from twisted.internet import reactor as found  # noqa: PLC0415  importing it installs it

    reactor: Any = found
    reactor.seconds = time.monotonic
    daemon = build(reactor)
    failed: list[BaseException] = []

    async def start() -> None:
        try:
            await daemon.start()
        except BaseException as error:
            failed.append(error)
            reactor.stop()
        else:
            settle()
            ready(daemon)

    def reload() -> None:
        if daemon.started_at:  # until then the files have only just been read
            Deferred.fromCoroutine(daemon.rules.reload("SIGHUP"))

    def hang_up(*_: object) -> None:
        reactor.callFromThread(reload)

    signal.signal(signal.SIGHUP, hang_up)
    reactor.addSystemEventTrigger("before", "shutdown", lambda: Deferred.fromCoroutine(daemon.stop()))
    reactor.callWhenRunning(lambda: Deferred.fromCoroutine(start()))
    reactor.run()
    if failed:
        raise failed[0]
