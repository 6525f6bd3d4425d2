"""What the tests with SIP peers share: an office on SIP, and the programs of Debian that call it."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PACKAGES = {"sipp": "sip-tester", "kamailio": "kamailio"}


@pytest.fixture(scope="session")
def sip(beside: Callable[[str, str], ModuleType]) -> ModuleType:
    """Return the peers."""
    return beside(__file__, "sip_peers")


def _program(name: str) -> str:
    """Return where a program is; without it the test is skipped, and fails where CI must have it."""
    found = shutil.which(name)
    if found is None:
        missing = f"there is no {name} here: apt-get install {PACKAGES[name]}"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@attrs.define(eq=False)
class Sipp:
    """Runs sipp in *folder*."""

    program: str
    folder: Path

    def run(self, scenario: str, server: tuple[str, int], *options: str) -> subprocess.CompletedProcess[str]:
        """Play *scenario* against *server*; whether all its calls went well is its return code."""
        command = [self.program, "-sf", str(HERE / scenario), "-s", "100", "-i", "127.0.0.1", "-nostdin"]
        command += ["-timeout", "40", "-timeout_error", *options, f"{server[0]}:{server[1]}"]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def sipp(tmp_path: Path) -> Sipp:
    """Return sipp."""
    return Sipp(_program("sipp"), tmp_path)


@pytest.fixture
def sip_office(daemons: ModuleType, tmp_path: Path) -> Iterator[Any]:
    """Return a workplace that speaks SIP; its daemons end with the test."""
    folder = tmp_path / "office"
    folder.mkdir()
    shutil.copy(HERE / "office.yaml", folder / "config.yaml")
    with daemons.workplace(folder) as place:
        yield place


@pytest.fixture
def kamailio(tmp_path: Path, sip: ModuleType) -> Iterator[Callable[[tuple[str, int]], tuple[str, int]]]:
    """Return what starts Kamailio, from the very file of the documentation, in front of a switchhook; returns where it is."""
    program = _program("kamailio")
    started: list[subprocess.Popen[bytes]] = []

    def start(server: tuple[str, int]) -> tuple[str, int]:
        port = sip.free_port()
        dispatchers = tmp_path / "dispatcher.list"
        dispatchers.write_text(f"1 sip:{server[0]}:{server[1]}\n")
        settings = {
            "LISTEN": f"udp:127.0.0.1:{port}",
            "DISPATCHERS": f'"{dispatchers}"',
            "RING": "1000",
            "CHILDREN": "1",  # two would overtake each other with what a phone says
            "ALLOWED": '"^sip:[^@]+@127[.]0[.]0[.]1(:[0-9]+)?(;.*)?$"',
        }
        command = [program, "-f", str(ROOT / "docs/sip/kamailio.cfg"), "-DD", "-E", "-m", "16", "-M", "4"]
        command += ["-w", str(tmp_path), "-Y", str(tmp_path)]
        command += [word for name, value in settings.items() for word in ("-A", f"{name}={value}")]
        log = (tmp_path / "kamailio.log").open("wb")
        with log:
            started.append(subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True))
        _answers(sip, port, tmp_path / "kamailio.log")
        return "127.0.0.1", port

    yield start
    for process in started:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(5)


def _answers(sip: ModuleType, port: int, log: Path) -> None:
    """Wait until Kamailio answers, and has heard from switchhook."""
    with sip.client(("127.0.0.1", port)) as client:
        for at in range(100):
            client.send(sip.invite(client.port, f"ready{at}", method="OPTIONS"))
            try:
                if client.hear(0.2) is not None:
                    return
            except (TimeoutError, ConnectionRefusedError):
                pass
    pytest.fail(log.read_text())
