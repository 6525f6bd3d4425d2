"""The story of a call or text as a person would read it, and the same as JSON."""

from datetime import datetime
from typing import Any

import attrs
import click

from router.simulate.scenario import Ending
from rules.directory import Directory
from rules.source import printable

_LABEL = 19


@attrs.frozen
class Beat:
    """One thing that happens: a *label* (who, what), what there is to say, and the same as *data*."""

    label: str
    words: str
    data: dict[str, Any]


def says(who: str, text: str) -> Beat:
    """Somebody hears a spoken text."""
    return Beat(f"{who} hears", quoted(text), {"hears": who, "say": text})


def plays(who: str, url: str) -> Beat:
    """Somebody hears a recording."""
    return Beat(f"{who} hears", f"the recording {url}", {"hears": who, "play": url})


def rings(phones: "tuple[Phone, ...]", seconds: int, ending: Ending, *, by: "Phone") -> Beat:
    """Phones ring for at most *seconds*, and that is how it ended; *by* is the phone that was picked up, if one was."""
    data = {"rings": [phone.person for phone in phones], "seconds": seconds, "result": ending}
    result = _ENDINGS[ending].format(by=by.person)
    return Beat("rings", f"{in_words(phones)} for {seconds} s: {result}", data)


def accepts(phone: "Phone") -> Beat:
    """A teammate who was asked takes the call."""
    return Beat(phone.person, "presses 1", {"accepts": phone.person})


def connects(phone: "Phone", seconds: int, *, machine: bool) -> Beat:
    """The caller is through."""
    who = f"{phone.person}'s mailbox" if machine else phone.person
    return Beat(
        "connected", f"the caller talks with {who} for {seconds} s", {"answered_by": phone.person, "seconds": seconds}
    )


def leaves_message(seconds: int, box: str | None = None) -> Beat:
    """The caller speaks after the beep, or does not."""
    words = f"a message of {seconds} s is left" if seconds else "the caller hangs up without a message"
    return Beat("voicemail", words, {"voicemail": box, "message": seconds})


def is_refused(reason: str) -> Beat:
    """The call is not answered at all."""
    tone = "busy tone" if reason == "busy" else "tone of a number that cannot be reached"
    return Beat("refused", f"the caller hears the {tone}", {"reject": reason})


def is_over() -> Beat:
    """We end the call."""
    return Beat("the end", "the call is ended", {"hangup": True})


def is_replied(text: str | None) -> Beat:
    """The sender of a text gets an automatic answer, or none."""
    return Beat("the sender gets", quoted(text) if text else "no automatic reply", {"reply": text})


_ENDINGS: dict[Ending, str] = {
    "answered": "{by} picks up",
    "no-answer": "nobody answers",
    "busy": "busy",
    "rejected": "{by} picks up, but does not press 1",
    "machine": "{by}'s mailbox answers",
    "failed": "cannot be reached",
    "hung-up": "the caller gives up",
}


@attrs.frozen
class Phone:
    """A device of a teammate, so that no private number has to be shown."""

    person: str
    device: str


def in_words(phones: tuple[Phone, ...]) -> str:
    """Name phones by their owners: `anna (desk, mobile) and ben (mobile)`."""
    by_person: dict[str, list[str]] = {}
    for phone in phones:
        by_person.setdefault(phone.person, []).append(phone.device)
    named = [f"{person} ({', '.join(devices)})" for person, devices in by_person.items()]
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 2 else named)


def whose(directory: Directory, address: str) -> Phone:
    """Say whose phone *address* is."""
    for person in directory.people.values():
        for device in person.devices:
            if device.address == address:
                return Phone(person.name, device.name)
    return Phone("somebody", "a phone not in the rules")


@attrs.frozen
class Story:
    """
    What happened: *moment* in the number's zone, *headline*, *beats* in order.

    *decision* is the public part of the record, None when it could not be looked up.
    """

    kind: str
    to: str
    caller: str
    moment: datetime
    beats: tuple[Beat, ...]
    decision: dict[str, Any] | None

    def headline(self) -> str:
        """Say who calls or writes, and when."""
        verb = "calls" if self.kind == "call" else "writes to"
        return f"{self.moment:%a %d %b %Y %H:%M %Z}   {printable(self.caller) or 'somebody without a number'} {verb} {self.to}"

    def show(self, *, style: bool = False) -> str:
        """Tell it, one line for each beat; with *style* for a terminal."""
        lines = [click.style(self.headline(), bold=True) if style else self.headline()]
        for beat in (*self.beats, *_decided(self.decision)):
            label = f"{self._label(beat):<{_LABEL}}"
            lines.append(f"  {click.style(label, fg='cyan') if style else label}{beat.words}")
        return "\n".join(lines)

    def _label(self, beat: Beat) -> str:
        """Return the label of *beat*; a provider does not know which box takes a message, but the record does."""
        box = beat.data.get("voicemail") or (self.decision or {}).get("voicemail")
        return f"{beat.label} {box}" if "voicemail" in beat.data and box else beat.label

    def as_json(self) -> dict[str, Any]:
        """Tell it to a script."""
        return {
            "schema": "simulation/1",
            "kind": self.kind,
            "to": self.to,
            "from": self.caller,
            "at": self.moment.isoformat(),
            "steps": [beat.data for beat in self.beats],
            "decision": self.decision,
        }


def _decided(decision: dict[str, Any] | None) -> list[Beat]:
    """Say what the record of the decision adds: where a text goes, which rule decided, and why."""
    if decision is None:
        return []
    told: list[Beat] = []
    if holds := decision.get("holds"):
        told.append(Beat("waits for", str(holds), {}))
    if delivers := decision.get("delivers"):
        told.append(Beat("goes to", ", ".join(delivers), {}))
    source = f" ({decision['source']})" if decision.get("source") else ""
    told.append(Beat("decided by", f"{decision.get('rule')}{source}", {}))
    return [
        *told,
        *(Beat("because" if at == 0 else "", str(why), {}) for at, why in enumerate(decision.get("why", ()))),
    ]


def quoted(text: str) -> str:
    """Put *text* in quotation marks, without what a terminal would obey."""
    return f"“{printable(text)}”"
