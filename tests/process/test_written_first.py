"""No answer leaves before the record of it is safe from a power cut: read from the daemon's own system calls."""

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("strace") is None and os.environ.get("CI") != "true",
        reason="needs strace (apt-get install strace)",
    ),
]

EVENTS = 30
STRACE = (
    "strace",
    "-D",
    "-f",
    "-y",
    "-s",
    "12",
    "-e",
    "trace=fdatasync,fsync,pwrite64,write,writev,sendto",
    "-e",
    "signal=none",
)

_CALL = re.compile(r"^(?P<pid>\d+) +(?:<\.\.\. )?(?P<name>\w+)(?P<rest>.*)$")


def steps(trace: Iterable[str]) -> Iterator[str]:
    """Tell a trace in three words: `write` and `sync` of a journal segment when they are over, `answer` when one begins."""
    begun: dict[str, str] = {}
    for line in trace:
        found = _CALL.match(line)
        if found is None:
            continue
        pid, name, rest = found["pid"], found["name"], found["rest"]
        if '"HTTP/1.1 200' in rest:
            yield "answer"
        if rest.endswith("<unfinished ...>"):
            begun[pid] = rest
            continue
        rest = begun.pop(pid, "") + rest
        if re.search(r"/journal/\d+\.jsonl>", rest) and not rest.rpartition("= ")[2].startswith("-"):
            yield "sync" if name in ("fsync", "fdatasync") else "write"


def unsafe(told: Iterable[str]) -> int:
    """Count the answers before which nothing was written to the journal since the last one, or not synced."""
    count, written, synced = 0, False, False
    for step in told:
        match step:
            case "write":
                written, synced = True, False
            case "sync":
                synced = True
            case "answer":
                count += not (written and synced)
                written = synced = False
    return count


def answered(
    daemons: ModuleType, office: Any, outside: ModuleType, providers: tuple[Any, ...], program: tuple[str, ...]
) -> list[str]:
    """Bring events one after the other to a daemon that is watched; return what it did between the first and the last."""
    trace, chance = office.folder / "trace", Random(7)
    daemon = office.start(under=(*STRACE, "-o", str(trace)), program=program)
    before = len(trace.read_text().splitlines())
    with outside.Wire(daemon.place()) as wire:
        for count in range(EVENTS):
            provider = providers[count % len(providers)]
            event = (provider.call, provider.text)[count // 2 % 2](outside.name_of(chance))
            assert wire.post(event).code == 200
    daemon.stop()
    daemons.until(lambda: "+++ exited" in trace.read_text()[-200:], what="the end of the trace")
    return list(steps(trace.read_text().splitlines()[before:]))


def test_every_answer_follows_a_sync_of_its_record(
    daemons: ModuleType, office: Any, outside: ModuleType, twilio: Any, pbx: Any
) -> None:
    """Between two answers the journal is written and then synced."""
    told = answered(daemons, office, outside, (twilio, pbx), ("-m", "router"))

    assert told.count("answer") == EVENTS
    assert unsafe(told) == 0


@pytest.mark.parametrize(
    "spoiled",
    [
        pytest.param("no-sync", id="a disk that only says it has synced"),
        pytest.param("no-wait", id="answers that do not wait for the disk"),
    ],
)
def test_the_watch_notices(
    spoiled: str, daemons: ModuleType, office: Any, outside: ModuleType, twilio: Any, pbx: Any
) -> None:
    """A daemon that breaks the promise is found out, so the test above can fail."""
    program = (str(Path(__file__).with_name("run_spoiled.py")), spoiled)

    told = answered(daemons, office, outside, (twilio, pbx), program)

    assert told.count("answer") == EVENTS
    assert unsafe(told) > EVENTS / 2
