"""Providers that go on while the daemon is killed under them: what is not answered is posted again, unchanged."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from random import Random
from time import sleep
from types import ModuleType
from typing import Any

import attrs

AGAIN = 0.2
"""How many of the events are posted once more although they were answered, as when the answer got lost on its way."""


@attrs.define(eq=False)
class Client:
    """
    A provider's line to whatever daemon of *office* runs at the moment.

    *answers* is what each event was answered, by kind and id; *changed* the events that got other bytes the second time;
    *again* counts how often nobody answered.
    """

    outside: ModuleType
    providers: tuple[Any, ...]
    chance: Random
    office: Any
    over: threading.Event
    answers: dict[Any, Any] = attrs.field(factory=dict)
    changed: list[Any] = attrs.field(factory=list)
    again: int = 0
    refusals: list[Any] = attrs.field(factory=list)

    def run(self) -> None:
        """Bring calls and texts until it is over."""
        while not self.over.is_set():
            for event in self._story():
                answer = self._post(event)
                if answer is None:
                    return
                self.answers[event] = answer

    def _story(self) -> Iterator[Any]:
        """A call that nobody takes, however long it rings; the caller hangs up, and writes instead."""
        provider = self.chance.choice(self.providers)
        step = call = provider.call(self.outside.name_of(self.chance))
        while step is not None:
            yield step
            step = provider.after(call, self.answers[step].body)
        yield provider.ended(call)
        yield provider.text(self.outside.name_of(self.chance))

    def _post(self, event: Any) -> Any:
        while not self.over.is_set():
            with suppress(OSError, HTTPException), self.outside.Wire(self.office.running.place()) as wire:
                answer = wire.post(event)
                if self.chance.random() < AGAIN:
                    self._compare(event, answer, wire)
                return answer
            self.again += 1
            sleep(0.1)  # eight who ask all the time would keep the processor from the one that starts
        return None

    def _compare(self, event: Any, answer: Any, wire: Any) -> None:
        with suppress(OSError, HTTPException):
            if wire.post(event) != answer:
                self.changed.append(event)


@contextmanager
def busy(clients: list[Client], over: threading.Event) -> Iterator[None]:
    """Let *clients* be at work meanwhile."""
    threads = [threading.Thread(target=client.run) for client in clients]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
