"""Whatever order events, copies, syncs and restarts come in: one decision an event, the same bytes for every copy."""

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

IDS = st.integers(0, 4)


def machine_of(engines: Any) -> type[RuleBasedStateMachine]:
    """Return the machine; the fakes are a fixture, so it is made where they are known."""

    class Deliveries(RuleBasedStateMachine):
        """A provider that repeats itself, a disk that takes its time, a daemon that is restarted."""

        @initialize()
        def open(self) -> None:
            self.office = engines.Office()
            self.office.journal.held = True
            self.answers: dict[str, set[bytes]] = {}

        def _deliver(self, name: str, event: Any) -> None:
            def got(response: Any) -> None:
                if response.code != 503:
                    self.answers.setdefault(name, set()).add(response.body)

            self.office.send(event).addCallback(got)

        @rule(number=IDS, copies=st.integers(1, 3))
        def call(self, number: int, copies: int) -> None:
            for _ in range(copies):
                self._deliver(f"call {number}", engines.call(f"c{number}"))

        @rule(number=IDS)
        def text(self, number: int) -> None:
            self._deliver(f"text {number}", engines.text(f"t{number}"))

        @rule(pick=IDS, step=st.integers(0, 2), result=st.sampled_from(["no-answer", "busy", "answered", "hung-up"]))
        def progress(self, pick: int, step: int, result: str) -> None:
            calls = self.office.journal.of("call")
            if calls:
                reference = calls[pick % len(calls)].public["id"]
                ref = self.office.token("next", step, call=reference)
                name = f"next {reference} {step}"
                self._deliver(name, self.office.progress("next", step, ref=ref, result=result, id=name))

        @rule()
        def sync(self) -> None:
            self.office.journal.sync()

        @rule()
        def fail(self) -> None:
            self.office.journal.fail_all(engines.JournalDown("no disk"))

        @rule(indexed=st.booleans())
        def restart(self, indexed: bool) -> None:
            """A restart loses whoever still waited; what was written stays."""
            self.office.journal.waiting.clear()
            self.office.index.seq = len(self.office.journal.records) if indexed else 0
            self.office.start()

        @invariant()
        def one_answer(self) -> None:
            for name, bodies in getattr(self, "answers", {}).items():
                assert len(bodies) == 1, name

        @invariant()
        def one_record(self) -> None:
            if hasattr(self, "office"):
                keys = [record.public["key"] for record in self.office.journal.records]
                assert len(keys) == len(set(keys))

    return Deliveries


@pytest.mark.usefixtures("engines")
def test_one_decision_and_one_answer_an_event(engines: Any) -> None:
    """A hundred runs of it."""
    run_state_machine_as_test(
        machine_of(engines),
        settings=settings(
            max_examples=100, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
