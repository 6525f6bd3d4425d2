"""The provider of a day: `router.simulate.fake` as a process of its own, and what is asked of it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from typing import Any

import attrs

from router.simulate.scenario import SimulationError

_HOST = "127.0.0.1"
_TRIES = 100
_BETWEEN = 0.1


@attrs.frozen
class Ports:
    """Where it listens: *rest* for texts and web hooks, *mail*."""

    rest: int
    mail: int


@attrs.frozen
class Provider:
    """A fake provider that listens on *port* of this machine."""

    port: int

    def ask(self, method: str, path: str, said: object = None) -> Any:
        """Ask it for something; raises `OSError` or `HTTPException` when it does not answer."""
        connection = HTTPConnection(_HOST, self.port, timeout=10)
        try:
            connection.request(method, path, None if said is None else json.dumps(said))
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def put(self, moment: float) -> None:
        """Let it be another time there."""
        self.ask("POST", f"/-/clock/{int(moment)}")

    def plan(self, fault: str) -> None:
        """Let something go wrong with the next message."""
        self.ask("POST", "/-/faults", [{"kind": fault}])

    def arrived(self) -> list[dict[str, Any]]:
        """Return everything that has arrived, in order."""
        found: list[dict[str, Any]] = self.ask("GET", "/-/arrived")
        return found

    def answers(self) -> bool:
        """Say whether it is there."""
        try:
            self.ask("GET", "/-/faults")
        except (OSError, HTTPException, ValueError):
            return False
        return True


@contextmanager
def provider(
    ports: Ports,
    options: list[str],
    environment: Mapping[str, str],
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[Provider]:
    """
    Give a provider on *ports*: the one that is there already, else one of our own that ends with us.

    *options* and *environment* are for its command line. Raises `SimulationError` when it cannot be had.
    """
    found = Provider(ports.rest)
    if found.answers():
        yield found
        return
    command = [
        sys.executable,
        "-m",
        "router.simulate.fake",
        f"--port={ports.rest}",
        f"--smtp-port={ports.mail}",
        *options,
    ]
    process = subprocess.Popen(  # noqa: S603  our own program
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(_TRIES):
            if found.answers():
                break
            if process.poll() is not None:
                raise SimulationError(
                    f"no provider can be played on the ports {ports.rest} and {ports.mail}: is one of them taken?"
                )
            pause(_BETWEEN)
        yield found
    finally:
        process.kill()
        process.wait()
