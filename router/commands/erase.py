"""What `switchhook audit erase` does: looks for somebody, asks, erases, and says what is left."""

import json
import os
import pwd
from pathlib import Path

import attrs
import click

from router.cli import FINDINGS, LOCKED, Context, Failure
from router.clock import WallClock
from router.commands.check import counted
from router.erasure.erasure import Erased, Erasure
from router.erasure.journal import look_for_call, look_for_number
from router.erasure.traces import Traces
from router.files import Files, UnreadableError
from router.state import LockedError, StateFolder
from rules.phone import e164

ELSEWHERE = (
    "the provider, people's phones and mailboxes, and backups have what they were given; nothing there is erased"
)


def erase_from(
    context: Context, state: Path, *, call: str | None, caller: str | None, yes: bool, as_json: bool
) -> None:
    """Erase a *call* (or text) by our id, or all of a *caller*, from the folder *state*, which no daemon may use meanwhile."""
    traces = None if caller is None else _traces(context, caller)
    if not (state / "journal").is_dir():
        raise Failure(f"there is no journal in {state}")
    folder = StateFolder(state)
    try:
        folder.open()
    except LockedError:
        hint = "stop it for as long as this takes, and start it again: the provider asks again what it could not answer"
        raise Failure(f"a daemon runs on {state}; {hint}", LOCKED) from None
    try:
        _erase(state, traces, call or "", yes=yes, as_json=as_json)
    except TimeoutError as error:  # a daemon was killed, and the process that wrote its index hangs
        raise Failure(f"index.db: {error}", LOCKED) from None
    except OSError as error:
        raise Failure(f"not everything is erased: {error}; do it again when the disk is well") from error
    finally:
        folder.close()


def _erase(state: Path, traces: Traces | None, call: str, *, yes: bool, as_json: bool) -> None:
    journal = state / "journal"
    found = look_for_number(journal, traces) if traces else look_for_call(journal, call)
    if not found:
        raise Failure(
            "nothing in the audit is about them; nothing was erased"
            if traces
            else f"nothing in the audit is called '{call}'"
        )
    what = f"{counted(len(found.lines), 'record')} of {counted(len(found.calls), 'call or text', 'calls and texts')}"
    if not yes:
        click.confirm(f"Erase {what} for good?", abort=True, err=True)
    erased = Erasure(state, found, traces, _who(), WallClock().now()).run()
    click.echo(json.dumps(attrs.asdict(erased), ensure_ascii=False) if as_json else in_words(erased))
    if erased.left:
        raise SystemExit(FINDINGS)


def in_words(erased: Erased) -> str:
    """Say what was erased, and what is left."""
    calls = counted(erased.calls, "call or text", "calls and texts")
    said = [f"erased: {counted(erased.records, 'record')} of {calls}, {counted(erased.recordings, 'recording')}"]
    if erased.rules:
        said.append(f"{counted(erased.rules, 'copy', 'copies')} of rule files named the number and went with them")
    said.append(f"record {erased.seq} says so, without the number; the index is built anew")
    said += [f"still there: the number in {name}" for name in erased.left]
    return "\n".join([*said, ELSEWHERE])


def _traces(context: Context, caller: str) -> Traces:
    """Return what finds *caller*; a number that the rules name cannot be erased, it would be written down again."""
    loaded = None
    try:
        files = Files.read(context.config)
        loaded = files.load()
    except UnreadableError:
        files = None
    country = loaded.spec.business.country if loaded and loaded.spec else None
    number = e164(caller, country.text if country else None)
    if number is None:
        raise Failure(f"'{caller}' is no phone number; write it with + and country, or erase a call or text by its id")
    traces = Traces.of(number)
    for name, text in files.texts.items() if files else ():
        for place, line in enumerate(text.splitlines(), start=1):
            if traces.named(line):
                raise Failure(f"{name}:{place}: the rules name this number; take it out there first, then erase")
    return traces


def _who() -> str:
    """Return who gives this command: behind sudo, who gave it there."""
    try:
        return os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
