"""Texts posted to a generic provider in a process of its own, through faults: each seen once, and reported as delivered."""

import json
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.slow

TEXTS = 12
ANNA = "+16175550141"


@pytest.fixture
def script(office: Any, daemons: ModuleType, players: ModuleType, outside: ModuleType) -> Iterator[int]:
    """Let the stockroom's texts go to a provider of this machine that stumbles now and then; return its port."""
    public, port, mail = players.free_port(), players.free_port(), players.free_port()
    secret = daemons.SECRETS["PBX_SECRET"]
    office.edit('public: "127.0.0.1:0"', f'public: "127.0.0.1:{public}"')
    office.edit("secret: env:PBX_SECRET", f'secret: env:PBX_SECRET, api: "http://127.0.0.1:{port}/texts/pbx"')
    office.edit("hours: never", "hours: always")
    office.edit("open: {to: front}\n      closed: {to: front, hold", "open: {to: anna}\n      closed: {to: front, hold")
    words = [f"--port={port}", f"--smtp-port={mail}", "--account=pbx", f"--token={secret}", "--rate=0.2", "--seed=4"]
    words += [f"--public-url={outside.PUBLIC}", f"--daemon=http://127.0.0.1:{public}"]
    words += [f"--fault={kind}" for kind in ("error", "error-after", "cut-after", "nonsense")]
    process = subprocess.Popen([sys.executable, "-m", "router.simulate.fake", *words], stdout=subprocess.DEVNULL)
    try:
        daemons.until(lambda: asked(port, "/-/faults") is not None, what="the provider")
        yield port
    finally:
        process.kill()
        process.wait(20)


def asked(port: int, path: str) -> Any:
    """Ask the provider; None while nobody answers."""
    line = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        line.request("GET", path)
        return json.loads(line.getresponse().read())
    except OSError:
        return None
    finally:
        line.close()


def test_texts_by_a_generic_provider(
    office: Any, script: int, daemons: ModuleType, outside: ModuleType, pbx: Any
) -> None:
    """What it has taken is not sent again, and its receipts are believed."""
    office.start()
    with outside.Wire(office.running.place()) as wire:
        for place in range(TEXTS):
            event = pbx.text(f"in-{place}", f"text {place:02d}", f"+1202555{100 + place % 3:04d}")
            assert wire.post(event).code == 200

    def delivered() -> bool:
        rows = (
            office.rows()
        )  # a receipt that overtakes the answer is nobody's at first, and told again once it is known whose
        told = {row["id"] for row in rows if row["kind"] == "receipt" and row["outcome"] == "delivered"}
        return told >= {row["id"] for row in rows if row["kind"] == "text"}

    daemons.until(delivered, within=60.0, what="a receipt for every text")
    came = [each for each in asked(script, "/-/arrived") if each["to"] == ANNA]
    met = asked(script, "/-/faults")

    assert sorted(each["body"].rpartition(": ")[2] for each in came) == [f"text {place:02d}" for place in range(TEXTS)]
    assert not [each for each in came if "may be a repeat" in each["body"] or each["sender"] != "+16175550101"]
    assert met, "nothing went wrong, so nothing was shown"


def test_the_shipped_day_by_a_generic_provider(day: Any, players: ModuleType) -> None:
    """`simulate day` plays such a provider as well: people get what they get by Twilio."""
    root = players.CONFIG.parents[2]
    text = (root / "config.example.yaml").read_text()
    begin, end = text.index("  twilio:\n"), text.index("\nmail:")
    provider = '  twilio: {adapter: generic, secret: env:PBX_SECRET, api: "https://pbx.maplepine.example/texts"}\n'
    text = text[:begin] + provider + text[end:]
    text = text.replace("127.0.0.1:8080", f"127.0.0.1:{day.ports[0]}").replace("127.0.0.1:8081", "127.0.0.1:0")
    day.office.config.write_text(text)
    day.provider.kill()
    day.provider.wait(20)
    ports = ("--port", str(day.ports[1]), "--mail-port", str(day.ports[2]))
    day.office.start("--demo-clock", "--demo-port", ports[1], "--demo-mail-port", ports[3])

    shown = day.office.command("simulate", "day", str(root / "day.example.yaml"), *ports)

    assert shown.exit_code == 0, shown.output
    told = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    assert [line.partition(" “")[0] for line in told if "'s mobile “" in line] == [
        "anna's mobile",
        "vivian's mobile",
        "ben's mobile",
        "vivian's mobile",
        "anna's mobile",
        "joe's mobile",
        "ben's mobile",
    ]
