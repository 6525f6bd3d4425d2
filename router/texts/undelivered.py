"""Dead letters: what was given up is told to the team, in words, without a number in full and without what was written."""

import attrs

from router.outbox.carrier import EXPIRED
from router.outbox.message import Medium
from router.texts.case import Case, Later, Outcome, Ready
from router.texts.deliveries import with_a_way
from router.texts.notice import notice
from router.texts.posting import way_to
from rules.deciding import earliest

HOUR = 3600
"""Seconds within which no more than one notice is about the same lane."""

AUTOMATIC = frozenset({"reply", "text-back"})
"""Kinds of messages that nobody wrote; nobody misses them when they are too late."""

_NOUNS: dict[str, str] = {"sms": "text", "email": "mail", "webhook": "report"}


@attrs.frozen(eq=False)
class Undelivered:
    """Says what becomes of an `undelivered`, and remembers of which lanes something was told within the hour."""

    _told: dict[str, tuple[str, int]] = attrs.field(factory=dict, init=False)

    def undelivered(self, case: Case) -> Outcome:
        """Tell whoever wrote it, else who is told of missed calls on the number; by another way than the one that failed."""
        failed, reason = case.private["undelivered"], str(case.public.get("reason"))
        if failed["kind"] in AUTOMATIC and reason == EXPIRED:
            return Ready(why="nobody waits for it any more")
        if self._just_told(case):
            return Ready(why="the team was told of this lane within the hour")
        until: int | None = None
        for targets in _concerned(case, failed["kind"]):
            found = case.reach(targets)
            people = _others_first(case, with_a_way(case, found.people), failed["channel"])
            if people:
                self._told[str(case.effect.target)] = (case.effect.key, case.at)
                text = f"A {_NOUNS[failed['channel']]} to {_whom(case, failed['via'])} from {case.number.name} did not arrive: {reason}."
                return notice(case, people, text, "Something did not arrive", avoiding=failed["channel"])
            until = earliest(until, found.until)
        return Later("nobody who is to be told is in", until)

    def _just_told(self, case: Case) -> bool:
        """Say whether another notice about the same lane has gone out within the hour."""
        for lane in [lane for lane, (_, at) in self._told.items() if at <= case.at - HOUR]:
            del self._told[lane]
        return self._told.get(str(case.effect.target), (case.effect.key, 0))[0] != case.effect.key


def _concerned(case: Case, kind: str) -> tuple[tuple[str, ...], ...]:
    talk = case.talks.ongoing(case.number.name, case.customer, case.at, case.lasting) if kind == "relay" else None
    owner = (talk.owner,) if talk is not None and talk.owner else ()
    return tuple(group for group in (owner, case.number.notify_missed, case.number.text_fallback) if group)


def _others_first(case: Case, people: tuple[str, ...], failed: Medium) -> tuple[str, ...]:
    """Return *people* without the one who could not be reached, if there is no other way to them."""
    return tuple(name for name in people if name not in case.effect.people or _differs(case, name, failed))


def _differs(case: Case, name: str, failed: Medium) -> bool:
    person = case.person(name)
    way = way_to(person, case.number, case.opted_out, failed) if person else None
    return way is not None and way.channel != failed


def _whom(case: Case, via: str) -> str:
    if case.effect.people:
        return case.title(case.effect.people[0])
    return case.name if case.private.get("from") else f"the web hook {via}"
