"""A rule file somebody has broken never changes how calls are answered; it is told, with every place."""

import signal
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.slow

SOON = 7.0
"""Seconds until a changed file is in force or refused: five until it is looked at, and reading it."""


def broken(office: Any) -> str:
    """Misspell somebody, and return where."""
    office.edit("ring: ben}]", "ring: bne}]")
    before = office.config.read_text().partition("bne}]")[0].split("\n")
    return f"config.yaml:{len(before)}:{len(before[-1]) + 1}"


def test_with_a_broken_file_and_no_last_good_nothing_is_started(office: Any) -> None:
    """Every mistake is told with its place and a way out; no port is opened, the state folder is not made. Exit code 1."""
    office.edit("ring: ben}]", "ring: bne}]")
    office.edit("to: front}, closed: {to: front}}", "to: frnot}, closed: {to: front}}")
    office.edit("provider: pbx", "provider: pxb")

    office.forks = False
    daemon = office.launch()
    code = daemon.process.wait(20)

    told = daemon.log.read_text()
    assert code == 1
    for wrong, right in (("bne", "ben"), ("frnot", "front"), ("pxb", "pbx")):
        assert f"'{wrong}'" in told
        assert f"did you mean '{right}'" in told
    assert told.count("config.yaml:") >= 6
    assert "Traceback" not in told
    assert "daemon" not in told
    assert not office.state.exists()


def by_hand(office: Any) -> None:
    """Ask for it, and wait for the answer."""
    office.command("reload", "--wait")


def by_signal(office: Any) -> None:
    """Send SIGHUP."""
    office.running.process.send_signal(signal.SIGHUP)


def by_itself(office: Any) -> None:
    """Do nothing: the daemon looks every five seconds."""


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(by_hand, id="asked for with reload --wait"),
        pytest.param(by_signal, id="asked for with SIGHUP"),
        pytest.param(by_itself, id="found by itself within five seconds"),
    ],
)
def test_a_broken_reload_keeps_the_old_answers_until_the_file_is_repaired(
    ask: Callable[[Any], None], daemons: ModuleType, office: Any, outside: ModuleType, twilio: Any
) -> None:
    """The rules before go on, the metric says 0 and the log the place; with the file repaired it says 1."""
    daemon = office.start()
    ruleset = _ruleset(daemon)

    where = broken(office)
    ask(office)
    daemons.until(lambda: daemon.metric("config_last_reload_successful") == 0, within=SOON, what="the refusal")
    with outside.Wire(daemon.place()) as wire:
        answer = wire.post(twilio.call("1" * 32))
    kept, ready = _ruleset(daemon), daemon.ask("/-/ready")
    office.edit("ring: bne}]", "ring: ben}]")
    ask(office)
    daemons.until(lambda: daemon.metric("config_last_reload_successful") == 1, within=SOON, what="the repair")

    (refused,) = daemon.events("rules.refused")
    assert f"{where}: error: no person or team is called 'bne'" in refused["problems"][0]
    assert b"+16175550141" in answer.body
    assert (kept, _ruleset(daemon)) == (ruleset, ruleset)
    assert ready[0] == 200
    assert where in ready[1]


def _ruleset(daemon: Any) -> str:
    metrics = daemon.ask("/metrics")[1]
    (line,) = [line for line in metrics.splitlines() if line.startswith("switchhook_ruleset_info{")]
    assert line.endswith(" 1.0")
    return str(line)


def test_reload_says_what_came_of_it(office: Any) -> None:
    """`reload --wait`: 0 with the new rule set, 1 with the mistakes."""
    office.start()
    office.edit("Harbour Books", "Harbour Books & Maps")
    taken = office.command("reload", "--wait")
    where = broken(office)
    refused = office.command("reload", "--wait")

    assert taken.exit_code == 0
    assert taken.stdout.startswith("in force: sha256:")
    assert refused.exit_code == 1
    assert where in refused.stderr
    assert "did you mean 'ben'" in refused.stderr


def test_a_start_with_a_broken_file_goes_on_with_the_last_good_rules(
    office: Any, outside: ModuleType, twilio: Any
) -> None:
    """After a good run, a broken file does not keep the daemon down: it answers as before, and readiness says why."""
    assert office.start().stop() == 0
    where = broken(office)

    daemon = office.start()
    with outside.Wire(daemon.place()) as wire:
        answer = wire.post(twilio.call("2" * 32))
    code, ready = daemon.ask("/-/ready")

    assert b"+16175550141" in answer.body
    assert code == 200
    assert where in ready
    assert daemon.metric("config_last_reload_successful") == 0
    assert "did you mean 'ben'" in daemon.log.read_text()


def test_two_daemons_cannot_share_a_state_folder(office: Any) -> None:
    """The second one ends with code 5, and the first does not notice."""
    first = office.start()

    office.forks = False
    second = office.launch()
    code = second.process.wait(20)

    assert code == 5
    assert "already running" in second.log.read_text()
    assert first.ask("/-/ready")[0] == 200


def test_commands_say_when_no_daemon_answers(office: Any) -> None:
    """Exit code 4: before the first start, and after one was killed and could not take its announcement back."""
    never = office.command("status")
    office.start().kill()
    killed = office.command("status")
    reload = office.command("reload", "--wait")

    assert (never.exit_code, killed.exit_code, reload.exit_code) == (4, 4, 4)
    assert "Traceback" not in never.stderr + killed.stderr + reload.stderr
