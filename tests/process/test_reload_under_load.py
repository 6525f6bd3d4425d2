"""Rules are changed while calls come in: each call is answered by the old ones or by the new ones, none goes without."""

import threading
from concurrent.futures import ThreadPoolExecutor
from random import Random
from types import ModuleType
from typing import Any

import attrs
import pytest

pytestmark = pytest.mark.slow

RELOADS = 50
CALLERS = 4


@attrs.define
class Caller:
    """Brings calls one after another, and keeps what was answered."""

    outside: ModuleType
    provider: Any
    chance: Random
    over: threading.Event = attrs.field(factory=threading.Event)
    answers: dict[str, Any] = attrs.field(factory=dict)

    def run(self, place: tuple[str, int]) -> None:
        """Go on until it is over."""
        with self.outside.Wire(place) as wire:
            while not self.over.is_set():
                call = self.provider.call(self.outside.name_of(self.chance))
                self.answers[call.id] = wire.post(call)


def test_fifty_reloads_under_load_are_not_noticed(office: Any, outside: ModuleType, pbx: Any) -> None:
    """
    While the rules swing between two versions, every call is answered by exactly one of them, and the audit says which.

    In one version the phone rings for 20 seconds, in the other for 25.
    """
    daemon, token = office.start(), office.token
    callers = [Caller(outside, pbx, Random(n)) for n in range(CALLERS)]
    versions = ("ring: anna}, {ring: front}", "ring: anna, for: 25s}, {ring: front}")
    seconds, codes = {}, []

    with ThreadPoolExecutor(CALLERS) as pool:
        running = [pool.submit(caller.run, daemon.place()) for caller in callers]
        for count in range(RELOADS):
            office.edit(versions[count % 2], versions[(count + 1) % 2])
            code, said = daemon.ask("/-/reload", "POST", token=token)
            codes.append(code)
            seconds[_ruleset(said)] = (b'"seconds":20,', b'"seconds":25,')[(count + 1) % 2]
        for caller in callers:
            caller.over.set()
        for one in running:
            one.result()
    metric = daemon.metric("config_last_reload_successful")
    daemon.stop()
    rulesets = {row["event_id"]: row["ruleset"] for row in office.rows() if row["kind"] == "call"}

    answers = {name: answer for caller in callers for name, answer in caller.answers.items()}
    assert codes == [200] * RELOADS
    assert metric == 1
    assert len(seconds) == 2
    assert len(answers) > RELOADS
    assert {answer.code for answer in answers.values()} == {200}
    assert set(rulesets) == set(answers)
    assert set(rulesets.values()) == set(seconds)
    assert [name for name, answer in answers.items() if seconds[rulesets[name]] not in answer.body] == []


def _ruleset(said: str) -> str:
    return said.partition('"ruleset": "')[2].partition('"')[0]


def test_two_reloads_at_once_come_one_after_the_other(office: Any) -> None:
    """Whoever asks while another reload runs gets an answer of his own, and both say what is in force then."""
    daemon, token = office.start(), office.token
    office.edit("Harbour Books", "Harbour Books & Maps")

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: daemon.ask("/-/reload", "POST", token=token), range(2)))

    assert [code for code, _ in answers] == [200, 200]
    assert len({_ruleset(said) for _, said in answers}) == 1
    assert sum('"changed": true' in said for _, said in answers) == 1
    assert len(daemon.events("rules.loaded")) == 2


def test_a_reload_without_the_token_is_refused(office: Any) -> None:
    """What changes something needs the token of the state folder."""
    daemon = office.start()

    assert daemon.ask("/-/reload", "POST")[0] == 401
    assert daemon.ask("/-/reload", "POST", token="x" * 43)[0] == 401
    assert daemon.events("rules.loaded") == []
