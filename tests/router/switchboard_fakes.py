"""A switchboard on a journal in memory, with rules that follow it and a clock in our hands."""

from typing import Any

import attrs
from twisted.internet.defer import Deferred

from router.loading import InForce
from router.metrics import Metrics
from router.switchboard.pins import Pins
from router.switchboard.recovery import restored
from router.switchboard.standing import Standing
from router.switchboard.switchboard import Done, Switchboard
from router.switchboard.texted import TextCommands
from rules.switching import going_away, switching

STORM = "plans: {storm: {calls: [{say: Storm.}, {voicemail: main}]}}\n"


@attrs.define(eq=False)
class Rules:
    """The rules in force, as the service for them keeps them."""

    current: InForce
    switches: Any = None

    def switch(self) -> None:
        """Ask again what is switched on."""
        timetable = self.current.timetable.switched(*self.switches(self.current.book))
        self.current = attrs.evolve(self.current, timetable=timetable)

    def take(self, made: InForce) -> None:
        """Put other rules into force."""
        self.current = made
        self.switch()


class NoIndex:
    """An index that has taken up nothing."""

    def overrides(self) -> list[Any]:
        """Return nothing."""
        return []


@attrs.define(eq=False)
class Bench:
    """Everything around a switchboard; *engines* are the fakes of the engine."""

    engines: Any
    journal: Any = attrs.field(init=False)
    clock: Any = attrs.field(init=False)
    rules: Rules = attrs.field(init=False)
    metrics: Metrics = attrs.field(factory=Metrics)
    board: Switchboard = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Start on the office."""
        self.journal = self.engines.MemoryJournal()
        self.clock = self.engines.FixedClock()
        self.rules = Rules(self.office())
        self.start()

    def office(self, *changes: tuple[str, str]) -> InForce:
        """Return the office, with a cover for anna and a plan, and with *changes*."""
        text = self.engines.OFFICE.replace("  anna: {", "  anna: {cover: chloe, ") + STORM
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        made: InForce = self.engines.office(text)
        return made

    def start(self) -> None:
        """Start a switchboard on the journal there is."""
        register = restored(NoIndex(), self.journal.records)
        self.board = Switchboard(self.journal, self.clock, self.metrics, register)
        self.board.rules = self.rules
        self.rules.switches = self.board.switches
        self.rules.switch()

    def away(self, person: str, **said: Any) -> Done:
        """Switch an absence on, said as on the command line."""
        book, now = self.rules.current.book, int(self.clock.at)
        cause = said.pop("cause", None)
        return self.board.set(going_away(person, book=book, now=now, **said), by=said.pop("by", "ben"), cause=cause)

    def override(self, what: str, target: str | None = None, **said: Any) -> Done:
        """Switch an override on, said as on the command line."""
        book, now = self.rules.current.book, int(self.clock.at)
        return self.board.set(switching(what, target=target, book=book, now=now, **said), by="ben")

    def text(self, text: str, person: str = "ben", *, proof: Any = "good", cause: str = "T1.0") -> str:
        """Carry out a text of *person*."""
        commands = TextCommands(self.board, self.clock)
        return commands.command(person, text, int(self.clock.at), proof=proof, cause=cause)

    def on(self) -> list[str]:
        """Return the ids of what is switched on, newest first."""
        return [each.id for each in self.board.register.newest_first()]

    def standing(self) -> Standing:
        """Return the newest of it."""
        return self.board.register.newest_first()[0]

    def records(self) -> list[tuple[str, str]]:
        """Return what was recorded: actions and outcomes."""
        return [(record.public["action"], record.public["outcome"]) for record in self.journal.of("override")]

    def active(self, kind: str) -> float | None:
        """Return the metric."""
        return self.metrics.registry.get_sample_value("switchhook_overrides_active", {"kind": kind})


def run(coroutine: Any) -> Any:
    """Run something that need not wait, to its end."""
    got: list[Any] = []
    Deferred.fromCoroutine(coroutine).addBoth(got.append)
    assert got, "it waits"
    return got[0]


def pins(**known: str) -> Pins:
    """Return the PINs of a company."""
    return Pins(lambda person: known.get(person, ""))
