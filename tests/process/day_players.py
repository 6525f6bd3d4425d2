"""A day at an office: a daemon with a clock that can be put to any time, and a provider that keeps what people got."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import attrs

CONFIG = Path(__file__).with_name("day.yaml")
SHOP, ANNA, BEN, ELI = "+16175550100", "+16175550141", "+16175550142", "+16175550145"
JANE, JOE = "+12025550199", "+12025550123"
BOSTON = ZoneInfo("America/New_York")


def free_port() -> int:
    """Return a port nobody listens on."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@attrs.define(eq=False)
class Day:
    """
    An office in *folder*, played at moments of the clock on its wall.

    *daemons* and *outside* are the helpers beside this; *faults* go to the provider's command line.
    """

    daemons: ModuleType
    outside: ModuleType
    folder: Path
    faults: tuple[str, ...] = ()
    office: Any = attrs.field(init=False)
    ports: tuple[int, int, int] = attrs.field(factory=lambda: (free_port(), free_port(), free_port()))
    provider: "subprocess.Popen[bytes]" = attrs.field(init=False)
    twilio: Any = attrs.field(init=False)
    now: str = ""
    count: int = 0
    seen: int = 0

    def __attrs_post_init__(self) -> None:
        """Set up the office, and start the provider."""
        public, port, mail = self.ports
        secrets = self.daemons.SECRETS
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "config.yaml").write_text(CONFIG.read_text().replace("@PUBLIC@", str(public)))
        self.office = self.daemons.Workplace(self.folder)
        self.twilio = self.outside.Twilio(secrets["TWILIO_ACCOUNT_SID"], secrets["TWILIO_AUTH_TOKEN"])
        words = ["--port", str(port), "--smtp-port", str(mail), "--webhook-secret", secrets["CRM_SECRET"], *self.faults]
        words += ["--public-url", self.outside.PUBLIC, "--daemon", f"http://127.0.0.1:{public}"]
        self.provider = subprocess.Popen(
            [sys.executable, "-m", "router.simulate.fake", *words],
            env=self.office._environment(),
            stdout=subprocess.DEVNULL,
        )
        self.daemons.until(lambda: self.tried("GET", "/-/faults"), what="the provider")

    # ---------------------------------------------------------------- the daemon

    def open(self, at: str, *options: str) -> Any:
        """Start the daemon *at* a moment."""
        self.now = moment(at)
        self.ask("POST", f"/-/clock/{int(datetime.fromisoformat(self.now).timestamp())}")
        _, port, mail = self.ports
        demo = ("--demo-clock", "--demo-at", self.now, "--demo-port", str(port), "--demo-mail-port", str(mail))
        return self.office.start(*demo, *options)

    def at(self, when: str) -> None:
        """Let it be *when*, for the daemon and for the provider."""
        self.now = moment(when)
        self.ask("POST", f"/-/clock/{int(datetime.fromisoformat(self.now).timestamp())}")
        body = json.dumps({"now": self.now})
        with closing(HTTPConnection(*self.office.running.place("admin"), timeout=20)) as line:
            line.request("POST", "/-/demo-clock", body, {"Authorization": f"Bearer {self.office.token}"})
            answer = line.getresponse()
            assert answer.status == 200, answer.read()

    def text(self, caller: str, words: str) -> Any:
        """Let a text come in."""
        self.count += 1
        with self.outside.Wire(self.office.running.place()) as wire:
            return wire.post(self.twilio.text(f"{self.count:032x}", words, caller))

    def call(self, caller: str) -> Any:
        """Let a call come in; returns it and the answer."""
        self.count += 1
        event = self.twilio.call(f"{self.count:032x}", caller)
        with self.outside.Wire(self.office.running.place()) as wire:
            return event, wire.post(event)

    def settled(self, within: float = 20.0) -> None:
        """Wait until everything that can go out has gone out."""
        quiet: list[int] = []

        def calm() -> bool:
            quiet.append(sum(self.under_way().values()))
            return quiet[-4:] == [0, 0, 0, 0]

        self.daemons.until(calm, within=within, what="a calm outbox")

    def under_way(self) -> dict[str, int]:
        """Return how many messages are not sent yet, by how far they are."""
        counts = json.loads(self.office.running.ask("/-/status")[1])["outbox"]
        return {state: counts[state] for state in ("pending", "waiting", "sending", "unknown")}

    # ---------------------------------------------------------------- the provider

    def tried(self, method: str, path: str, body: object = None) -> Any:
        """Ask the provider; None when nobody answers yet."""
        try:
            return self.ask(method, path, body) or True
        except OSError:
            return None

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Ask the provider."""
        with closing(HTTPConnection("127.0.0.1", self.ports[1], timeout=20)) as line:
            line.request(method, path, None if body is None else json.dumps(body))
            return json.loads(line.getresponse().read())

    def arrived(self) -> list[dict[str, Any]]:
        """Return everything that has arrived."""
        return list(self.ask("GET", "/-/arrived"))

    def got(self) -> list[tuple[str, str]]:
        """Return the texts people got since the last look, to whom and which words, once everything is out."""
        self.settled()
        every = self.arrived()
        new, self.seen = every[self.seen :], len(every)
        assert all(each["sender"] == SHOP for each in new if each["way"] == "sms")
        return [(each["to"], each["body"]) for each in new if each["way"] == "sms"]

    def close(self) -> None:
        """Leave no process behind."""
        self.office.close()
        self.provider.kill()
        self.provider.wait(20)


def moment(at: str) -> str:
    """Write `2026-12-11 10:02`, on the wall of the office, with its offset."""
    return datetime.fromisoformat(at).replace(tzinfo=BOSTON).isoformat()


@contextmanager
def day(daemons: ModuleType, outside: ModuleType, folder: Path, *faults: str) -> Iterator[Day]:
    """Give a day in *folder*, and end its processes afterwards."""
    made = Day(daemons, outside, folder, faults)
    try:
        yield made
    finally:
        made.close()
