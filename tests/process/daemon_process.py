"""A daemon in a process of its own, the folder it lives in, and the commands run beside it."""

import http.client
import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import attrs
from click.testing import CliRunner, Result

from router.cli import main

ROOT = Path(__file__).parents[2]
OFFICE = Path(__file__).with_name("office.yaml")
SECRETS = {
    "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000test",
    "TWILIO_AUTH_TOKEN": "a-token-for-tests-that-must-stay-secret",
    "PBX_SECRET": "another-secret-that-must-not-be-seen",
    "CRM_SECRET": "a-third-secret-that-must-not-be-seen",
    "ANNA_PIN": "471196",
}
AS_ANYBODY = ("-m", "router")
"""What the interpreter runs when a daemon is started by hand."""

HERE = str(Path(__file__).parent)
IMPORTED = [Path(__file__).stem, "router.underway", "router.commands.run", "router.settings", "adapters.sip.provider"]
"""What the interpreter that daemons are forked from has imported: this file, and all a daemon needs."""

PATIENCE = 20.0
"""Seconds anything here may take at most on a busy machine."""


LOG_LEVEL = ("--log-level", os.environ["SWITCHHOOK_LOG"]) if "SWITCHHOOK_LOG" in os.environ else ()
"""`SWITCHHOOK_LOG=debug` lets every daemon say all it can."""

PRIVATE = re.compile(r"\+1[2-9][0-9]{9}|must-stay-secret|must-not-be-seen")
"""A telephone number in full, whosever it is, and what proves who somebody is."""


def until(true: Callable[[], Any], *, within: float = PATIENCE, what: str = "it") -> Any:
    """Wait until *true* returns something true, and return that."""
    end = monotonic() + within
    while not (found := true()):
        assert monotonic() < end, f"{what} did not come about within {within} s"
        sleep(0.01)
    return found


class Forked:
    """
    `switchhook` with *arguments*, its stderr in the file *log*: a process of its own, handled as a `subprocess.Popen`.

    It is forked from an interpreter that has imported everything; importing is nine tenths of a start, and a test may start twenty.
    """

    def __init__(self, arguments: list[str], environment: Mapping[str, str], log: Path) -> None:
        if HERE not in sys.path:
            sys.path.append(HERE)  # by which the other interpreter finds `serve`
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(IMPORTED)
        self._process = context.Process(target=serve, args=(arguments, dict(environment), str(log)))
        self._process.start()
        self.pid = self._process.pid or 0

    def poll(self) -> int | None:
        """Return how it ended, None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it ends."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired("switchhook", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, as long as it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it by force."""
        self.send_signal(signal.SIGKILL)


def serve(arguments: list[str], environment: dict[str, str], log: str) -> None:
    """Be the daemon."""
    os.environ.clear()
    os.environ.update(environment)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor, own in ((nothing, 0), (nothing, 1), (os.open(log, os.O_WRONLY), 2)):
        os.dup2(descriptor, own)
    main(arguments, prog_name="switchhook")


@attrs.define(eq=False)
class Running:
    """One daemon process; *log* is the file its stderr goes to."""

    process: subprocess.Popen[bytes] | Forked
    log: Path
    _listens: dict[str, str] = attrs.field(factory=dict)

    @property
    def alive(self) -> bool:
        """Say whether it still runs."""
        return self.process.poll() is None

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        """Return what it logged, as JSON; only the events called *name* when one is given."""
        lines = [line for line in self.log.read_text().splitlines() if line.startswith("{")]
        found = [json.loads(line) for line in lines if line.endswith("}")]
        return [event for event in found if name is None or event["event"] == name]

    def ready(self) -> "Running":
        """Wait until it takes calls."""
        until(lambda: self.events("daemon.ready") or not self.alive, what="the daemon's start")
        assert self.alive, self.log.read_text()
        self._listens = self.events("daemon.ready")[-1]["listens"]
        return self

    def place(self, listener: str = "public") -> tuple[str, int]:
        """Return host and port of a listener."""
        host, _, port = self._listens[listener].rpartition(":")
        return host, int(port)

    def ask(self, path: str, method: str = "GET", *, token: str = "") -> tuple[int, str]:
        """Ask the admin listener."""
        with closing(http.client.HTTPConnection(*self.place("admin"), timeout=PATIENCE)) as connection:
            connection.request(method, path, headers={"Authorization": f"Bearer {token}"} if token else {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def metric(self, name: str) -> float:
        """Return a metric's value; all its labels added up."""
        lines = self.ask("/metrics")[1].splitlines()
        found = [line for line in lines if line.partition(" ")[0].partition("{")[0] == f"switchhook_{name}"]
        assert found, f"there is no metric {name}"
        return sum(float(line.rpartition(" ")[2]) for line in found)

    def memory(self) -> int:
        """Return the bytes it has resident."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def stop(self) -> int:
        """Tell it to end, and return how it did."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@attrs.define(eq=False)
class Workplace:
    """
    A folder with a configuration; its daemons and its commands run from there. *running* is the one that was ready last.

    *forks*: daemons come from an interpreter that has imported them already; else each is started as anybody starts it.
    """

    folder: Path
    forks: bool = True
    started: list[Running] = attrs.field(factory=list)
    running: Running = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.config.exists():
            shutil.copy(OFFICE, self.config)

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "config.yaml"

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.folder / "state"

    @property
    def token(self) -> str:
        """The token of the admin listener."""
        return (self.state / "admin-token").read_text().strip()

    def edit(self, old: str, new: str) -> None:
        """Change the configuration as an editor would: a new file in the place of the old one."""
        text = self.config.read_text()
        assert old in text
        beside = self.config.with_suffix(".new")
        beside.write_text(text.replace(old, new))
        beside.replace(self.config)

    def launch(
        self,
        *options: str,
        under: Sequence[str] = (),
        program: Sequence[str] = AS_ANYBODY,
        log: int | None = None,
        keep: Sequence[int] = (),
    ) -> Running:
        """
        Start a daemon *under* another program if one is named; it may not be ready yet, or never be.

        It inherits the descriptors to *keep*.
        """
        path = self.folder / f"log.{len(self.started)}"
        arguments = ["--config", str(self.config), "run", *LOG_LEVEL, *options]
        process: subprocess.Popen[bytes] | Forked
        if self.forks and not under and program == AS_ANYBODY and log is None:
            path.touch()
            process = Forked(arguments, self._environment(), path)
        else:
            with path.open("wb") as file:
                process = subprocess.Popen(
                    [*under, sys.executable, *program, *arguments],
                    env=self._environment(),
                    stdout=subprocess.DEVNULL,
                    stderr=file if log is None else log,
                    pass_fds=keep,
                )
        self.started.append(Running(process, path))
        return self.started[-1]

    def start(self, *options: str, **how: Any) -> Running:
        """Start a daemon, and wait until it takes calls."""
        self.running = self.launch(*options, **how).ready()
        return self.running

    def command(self, *words: str) -> Result:
        """Run `switchhook` with these *words*, in this process since that is quicker; gives `stdout`, `stderr`, `exit_code`."""
        return CliRunner().invoke(main, ["--config", str(self.config), *words], env=SECRETS)

    def rows(self) -> list[dict[str, Any]]:
        """Return the whole audit as `audit export` has it."""
        exported = self.command("audit", "export", "--reveal")
        assert exported.exit_code == 0, exported.stderr
        return [json.loads(line) for line in exported.stdout.splitlines()]

    def close(self) -> None:
        """Leave no process behind, and nothing in any log that is nobody else's business."""
        for running in self.started:
            if running.alive:
                running.kill()
        for running in self.started:
            assert not PRIVATE.findall(running.log.read_text(errors="replace")), running.log

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **SECRETS, "PYTHONPATH": str(ROOT)}


@contextmanager
def workplace(folder: Path) -> Iterator[Workplace]:
    """Give a workplace in *folder*, and end its daemons afterwards."""
    place = Workplace(folder)
    try:
        yield place
    finally:
        place.close()
