"""What is known of a call that is over, when somebody is to be told of it: people in notices, machines by web hooks."""

import json
from collections.abc import Iterable

import attrs

from router import ulid
from router.clock import epoch, iso_seconds
from router.outbox.message import Json, Message
from router.texts.case import Case, Later, Ready
from rules.callstate import CallState
from rules.plan import Voicemail
from rules.progress import IN_WORDS

CERTAIN = 20
"""Seconds after its end within which a provider may still say that somebody had answered a call: two reports cross."""


@attrs.frozen(eq=False)
class Told:
    """What is known of a call that is over: its *state*, who was *rung* and for how long, what was said in the message."""

    state: CallState
    rung: tuple[tuple[str, int], ...]
    transcript: str | None = attrs.field(default=None, repr=False)
    provider: str | None = None

    @property
    def box(self) -> str:
        """The voicemail box it ends in, by name; "" when it ends otherwise."""
        last = self.state.stages[-1]
        return last.box if isinstance(last, Voicemail) else ""


def settled(case: Case, told: Told) -> Later | Ready | None:
    """Say that nothing is to be done since somebody took the call, or that it is too early to say; None: it was missed."""
    if told.state.answered:
        return Ready(why=f"{told.state.outcome} after all")
    certain = int(epoch(case.effect.since)) + CERTAIN
    by_a_step = "step" in case.public  # the result of the last step itself says that nobody did
    if by_a_step or case.at >= certain:
        return None
    return Later("the provider may still say that somebody answered", certain)


def is_private(case: Case, told: Told) -> bool:
    """Say whether nothing may be told of a call: it ends in a private box, or in one the rules do not know any more."""
    box = case.book.boxes.get(told.box)
    return box.private if box is not None else bool(told.box and case.book.boxes)


def began(case: Case) -> int:
    """Return when the call came in, UTC epoch seconds."""
    at = ulid.time_of(case.effect.about)
    return int(epoch(case.effect.since) if at is None else at)


def to_machines(case: Case, told: Told, event: str, hooks: Iterable[str]) -> Ready:
    """Write of *event* to *hooks*, by name."""
    return announce(case, event, _data(case, told), hooks)


def announce(case: Case, event: str, data: Json, hooks: Iterable[str]) -> Ready:
    """Write to *hooks*, by name, that *event* has happened, and what is told of it."""
    body = json.dumps(data, ensure_ascii=False)
    messages = [
        Message(
            key=f"{case.effect.key}/{place}",
            about=case.effect.about,
            kind="event",
            channel="webhook",
            via=name,
            lane=f"webhook|{name}",
            number=case.number.name,
            again=True,
            to="",
            subject=event,
            body=body,
        )
        for place, name in enumerate(hooks)
    ]
    return Ready(tuple(messages), why=None if messages else "no web hook wants to hear of it any more")


def _data(case: Case, told: Told) -> Json:
    """Return what a machine is told of a call; of one that ends in a private box only that there was one."""
    message = told.state.message
    data: Json = {"call": case.effect.about, "number": case.number.name, "at": iso_seconds(began(case))}
    data["message"] = None if message is None else {"box": told.box}
    if is_private(case, told):
        return data
    rung = [{"person": person, "seconds": seconds} for person, seconds in told.rung]
    data |= {"from": case.caller.e164, "rung": rung, "hung_up": told.state.outcome == IN_WORDS["hung-up"]}
    if message is not None:
        data["message"] |= {"seconds": message}
    return data
