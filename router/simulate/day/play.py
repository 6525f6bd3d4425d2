"""Plays a day: puts the clocks to each moment, lets happen what the script says, and tells what people's phones got."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import attrs

from router.simulate.day.provider import Provider
from router.simulate.day.script import Happening, Script
from router.simulate.play import Stage
from router.simulate.scenario import Scenario
from router.simulate.story import Beat, quoted
from rules.source import printable

_TAG = re.compile(r"#\d+ ")
_LOOKS = 150
_BETWEEN = 0.1
_CALM = 3
"""So many looks in a row at which nothing is under way: then everything has arrived."""

_WAYS = {"sms": "mobile", "email": "mail"}


class Daemon(Protocol):
    """The daemon a day is played against, over its admin listener."""

    def put(self, moment: float) -> None:
        """Put its clock to *moment*, UTC epoch seconds."""

    def switch(self, asked: dict[str, str]) -> str:
        """Switch something on; returns what follows, in words."""

    def under_way(self) -> tuple[int, int]:
        """Return how many messages are under way, and how many effects are not messages yet."""


@attrs.frozen
class Line:
    """One line of the story: a *label* and *words*; of a new moment it is the *headline*."""

    label: str
    words: str
    headline: bool = False


@attrs.define(eq=False)
class DayPlay:
    """
    One day on its way.

    *numbers* has the phones of the callers of the story by name; *pause* lets real seconds go by.
    """

    script: Script
    stage: Stage
    daemon: Daemon
    provider: Provider
    numbers: dict[str, str]
    pause: Callable[[float], None] = time.sleep
    _seen: int = attrs.field(default=0, init=False)
    _last: dict[str, str] = attrs.field(factory=dict, init=False)

    def play(self) -> Iterator[Line]:
        """Play it, and tell what happens as it does."""
        self._seen = len(self.provider.arrived())
        told = ""
        for happening in self.script.happenings:
            moment = happening.at.timestamp()
            self.provider.put(moment)
            self.daemon.put(moment)
            headline = f"{happening.at.astimezone(self.script.number.zone):%a %d %b %H:%M}"
            if happening.note or headline != told:
                yield Line(headline, printable(happening.note or ""), headline=True)
            told = headline
            yield from self._happen(happening)
            yield from self._arrivals()

    def _happen(self, happening: Happening) -> Iterator[Line]:
        if happening.fault:
            self.provider.plan(happening.fault)
            yield Line("the provider", f"is in trouble: {happening.fault}")
        if happening.switch:
            yield Line("switched on", printable(self.daemon.switch(happening.switch)))
        if happening.who:
            yield from self._event(happening, happening.who)

    def _event(self, happening: Happening, who: str) -> Iterator[Line]:
        phone = self._phone(who)
        text = happening.words
        if text is not None:
            text = (self._last.get(phone, "") if happening.reply else "") + text
            yield Line(f"{who} writes", quoted(text))
        else:
            yield Line(f"{who} calls", self.script.number.name)
        scenario = Scenario(
            number=self.script.number,
            caller=phone,
            text=text,
            legs=happening.legs or (),
            message=happening.message,
            at=happening.at,
        )
        yield from (Line(*line) for beat in self.stage.play(scenario).beats if (line := _line(beat, who)))

    def _arrivals(self) -> Iterator[Line]:
        """Wait until everything has arrived, and tell who got what."""
        calm, before = 0, (-1, -1)
        for _ in range(_LOOKS):
            now = self.daemon.under_way()
            calm = calm + 1 if now[0] == 0 and now == before else 0
            if calm >= _CALM:
                break
            before = now
            self.pause(_BETWEEN)
        arrived = self.provider.arrived()
        new, self._seen = arrived[self._seen :], len(arrived)
        for each in new:
            tag = _TAG.match(each["body"])
            self._last[each["to"]] = tag[0] if tag else ""
            words = str(each["body"]) if each["way"] != "webhook" else f"{each['subject']} {each['body']}"
            yield Line(self._place(each), quoted(words.replace("\n", " / ")))

    def _phone(self, who: str) -> str:
        """Return from which number somebody writes or calls."""
        if who in self.numbers:
            return self.numbers[who]
        devices = self.stage.book.directory.people[who].devices
        return next((device.address for device in devices if device.address.startswith("+")), devices[0].address)

    def _place(self, arrival: dict[str, Any]) -> str:
        """Say where something arrived: whose phone, whose mail, which web hook."""
        to = arrival["to"]
        if arrival["way"] == "webhook":
            return f"the {to}"
        names = {number: name for name, number in self.numbers.items()}
        for person in self.stage.book.directory.people.values():
            names |= {device.address: person.name for device in person.devices}
            names |= {person.email: person.name} if person.email else {}
        return f"{names.get(to, 'somebody')}'s {_WAYS[arrival['way']]}"


def _line(beat: Beat, who: str) -> tuple[str, str] | None:
    """Tell a beat of a call or text in a day; that a text gets no automatic reply is not worth a line."""
    if "reply" in beat.data:
        return (f"{who}'s mobile", quoted(beat.data["reply"])) if beat.data["reply"] else None
    return beat.label, beat.words
