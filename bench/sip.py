"""Redirects per second: the real daemon, decision and synced record included, beside a responder that says one thing to all."""

import select
import shutil
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import attrs

from bench.servers import PATIENCE, Daemon, Folder, NotStartedError, Server, free_port
from bench.table import Line

PART = "h. SIP: redirects (INVITE, 302, ACK over UDP; parse, transaction, decide, journal sync, log, metrics) against a constant 302"
OUTSTANDING = 64
LOST = 1.0
"""Seconds after which an INVITE that has no answer counts as lost."""

OFFICE = """
listen: {{public: "127.0.0.1:{public}", admin: "127.0.0.1:{admin}"}}
providers:
  pbx:
    adapter: sip
    listen: udp:127.0.0.1:{sip}
    domains: biz.example.com
    peers: [{{name: edge, source: 127.0.0.1, follows_redirects: yes, trust_identity: yes}}]
    contact_hosts: 127.0.0.1
business: {{name: Acme, timezone: America/New_York, country: US, region: MA}}
schedules: {{office: {{daily: all-day, holidays: normal}}}}
people:
  anna: {{devices: {{desk: "sip:anna@127.0.0.1"}}}}
  ben: {{devices: {{desk: "sip:ben@127.0.0.1"}}}}
numbers:
  main: {{number: "sip:100@biz.example.com", provider: pbx, hours: office, voicemail: main, calls: {{open: [{{ring: anna}}, {{ring: ben}}]}}}}
voicemail: {{main: {{address: "sip:vm@127.0.0.1"}}}}
"""

KAMAILIO = """
listen=udp:127.0.0.1:{port}
children=1
debug=0
log_stderror=yes
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
request_route {{
    if (is_method("INVITE")) {{
        append_to_reply("Contact: <sip:anna@127.0.0.1>;q=1.0\\r\\nContact: <sip:ben@127.0.0.1>;q=0.9\\r\\nContact: <sip:vm@127.0.0.1>;q=0.8\\r\\n");
        sl_send_reply("302", "Moved Temporarily");
    }}
}}
"""


def message(method: str, call: str, port: int) -> bytes:
    """Write an INVITE, or the ACK to its answer."""
    return (
        f"{method} sip:100@biz.example.com SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{call}\r\n"
        f"From: <sip:+12125550177@127.0.0.1>;tag=1\r\nTo: <sip:100@biz.example.com>\r\nCall-ID: {call}\r\n"
        f"CSeq: 1 {method}\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ).encode()


@attrs.frozen
class Round:
    """What came of one round: redirects a second, and INVITEs without an answer."""

    rate: float
    lost: int


def load(port: int, seconds: float, name: str) -> Round:
    """Keep `OUTSTANDING` calls on their way for *seconds*; each answer is acknowledged, and makes room for the next call."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", 0))
        wire.connect(("127.0.0.1", port))
        own: int = wire.getsockname()[1]
        sent = done = lost = 0
        waiting: list[str] = []
        began = time.monotonic()
        end = began + seconds
        while time.monotonic() < end:
            while len(waiting) < OUTSTANDING:
                call = f"{name}{own}x{sent}"
                wire.send(message("INVITE", call, own))
                waiting.append(call)
                sent += 1
            if not select.select([wire], [], [], LOST)[0]:
                lost += len(waiting)
                waiting.clear()
                continue
            if wire.recv(65535).startswith(b"SIP/2.0 302"):
                wire.send(message("ACK", waiting.pop(0), own))
                done += 1
        return Round(done / (time.monotonic() - began), lost)


class Naive(Server):
    """`bench.naive_sip`."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "bench.naive_sip", str(self.port)]
        super().__init__(command, folder / "naive.log", ("127.0.0.1", self.port), {})
        _until_answered(self, self.port)


class Kamailio(Server):
    """Kamailio, as a redirect server with one process."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        config = folder / "kamailio.cfg"
        config.write_text(KAMAILIO.format(port=self.port))
        command = ["kamailio", "-f", str(config), "-DD", "-E", "-m", "32", "-Y", str(folder), "-w", str(folder)]
        super().__init__(command, folder / "kamailio.log", ("127.0.0.1", self.port), {})
        _until_answered(self, self.port)


def _until_answered(server: Server, port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.process.poll() is None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            wire.settimeout(0.2)
            try:
                wire.connect(("127.0.0.1", port))
                wire.send(message("INVITE", f"ready{end}", wire.getsockname()[1]))
                wire.recv(65535)
                return
            except OSError:
                time.sleep(0.05)
    server.stop()
    raise NotStartedError(server.log.read_text(errors="replace")[-2000:] or "it wrote nothing")


def run(*, quick: bool) -> list[Line]:
    """Measure all of them in turns, so that whatever else the machine does meets them alike."""
    seconds, rounds = (1.0, 3) if quick else (3.0, 5)
    with Folder() as folder:
        public, admin, port = free_port(), free_port(), free_port()
        servers: dict[str, tuple[Server, int]] = {}
        try:
            ours = Daemon(folder.path, OFFICE.format(public=public, admin=admin, sip=port), public, admin)
            servers["switchhook"] = ours, port
            naive = Naive(folder.path)
            servers["naive"] = naive, naive.port
            if shutil.which("kamailio"):
                kamailio = Kamailio(folder.path)
                servers["kamailio"] = kamailio, kamailio.port
            found: dict[str, list[Round]] = {name: [] for name in servers}
            for turn in range(rounds + 1):
                for name, (_, where) in servers.items():
                    found[name].append(load(where, seconds, f"{name}{turn}"))
        finally:
            for server, _ in servers.values():
                server.stop()
    return told({name: results[1:] for name, results in found.items()})


def told(found: dict[str, list[Round]]) -> list[Line]:
    """Compare them."""
    rate: Callable[[str], float] = lambda name: median(each.rate for each in found[name])  # noqa: E731
    lines = [
        Line(
            PART,
            f"{name}, {OUTSTANDING} calls at once",
            rate(name),
            "redirects/s",
            note=f"{sum(each.lost for each in results)} lost",
        )
        for name, results in found.items()
    ]
    lost = sum(each.lost for each in found["switchhook"])
    lines.append(Line(PART, "redirects/s, switchhook over a constant 302", rate("switchhook") / rate("naive"), "x"))
    if "kamailio" in found:
        lines.append(
            Line(
                PART,
                "redirects/s, switchhook over Kamailio with one process",
                rate("switchhook") / rate("kamailio"),
                "x",
            )
        )
    lines.append(Line(PART, "redirects/s, switchhook", rate("switchhook"), "/s", ">= 200", rate("switchhook") >= 200))
    lines.append(Line(PART, "calls without an answer, switchhook", lost, "", "0", lost == 0))
    return lines
