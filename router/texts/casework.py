"""Puts together what is known of an effect, or of a conversation, at a moment."""

from collections.abc import Callable
from typing import Protocol

import attrs

from router.engine.facts import Facts
from router.journal.record import Record
from router.outbox.ledger import Effect
from router.texts.case import Case, Later, Outcome, Ready
from router.texts.talks import Talks
from rules.callers import Caller
from rules.deciding import Timetable
from rules.relay.conversation import Conversation


class Rules(Protocol):
    """The rules in force."""

    def timetable(self, at: int) -> Timetable:
        """Return them, compiled for *at*, with what is switched on."""


@attrs.define(eq=False)
class Casework:
    """Makes cases; *caller_of* names who called, by the call's id, where the record does not."""

    talks: Talks
    facts: Facts
    caller_of: Callable[[str], str | None]

    def of(
        self, effect: Effect, record: Record | None, timetable: Timetable, at: int, *, fresh: bool
    ) -> Case | Outcome:
        """Return the case of *effect*; or why there is nothing to be done, or not yet."""
        if record is None or record.private is None:
            return Ready(why="its words have been erased")
        number = timetable.book.numbers.get(effect.number or "")
        if number is None:
            return Later(f"there is no number {effect.number} in the rules")
        return Case(
            effect=effect,
            public=record.public,
            private=record.private,
            timetable=timetable,
            number=number,
            caller=self.caller(timetable, record, effect),
            at=at,
            fresh=fresh,
            talks=self.talks,
            facts=self.facts,
        )

    def about(self, conversation: Conversation, key: str, timetable: Timetable, at: int) -> Case | None:
        """Return the case of something to be done about *conversation* under *key*; None when its number is gone."""
        number = timetable.book.numbers.get(conversation.number)
        if number is None:
            return None
        effect = Effect(
            key=key,
            about=conversation.id,
            seq=0,
            kind="notice",
            people=(),
            target=conversation.via,
            number=number.name,
            since="",
            release_at=None,
        )
        return Case(
            effect=effect,
            public={},
            private={},
            timetable=timetable,
            number=number,
            caller=timetable.book.callers.classify(conversation.customer, verified=None),
            at=at,
            fresh=False,
            talks=self.talks,
            facts=self.facts,
        )

    def caller(self, timetable: Timetable, record: Record, effect: Effect) -> Caller:
        """Return who wrote or called."""
        raw = (record.private or {}).get("from") or self.caller_of(effect.about) or ""
        return timetable.book.callers.classify(raw, verified=None)
