"""What is done without anybody having written: a notice of a text that waits for days, conversations of somebody who has left."""

from router.outbox.ledger import Effect
from router.texts.case import Case, Ready
from router.texts.deliveries import with_a_way
from router.texts.posting import Envelopes
from rules.directory import EvenIf
from rules.filling import in_words
from rules.reaching import NO_EXCUSE, has_left
from rules.relay import words
from rules.relay.conversation import Conversation, handed_over

LATE = 72 * 3600
"""Seconds after which the team is told that a text still waits."""

_OFF_HOURS: EvenIf = frozenset({"off-hours"})
_ANYWAY: EvenIf = frozenset({"off-hours", "away"})


def late_key(effect: Effect) -> str:
    """Return the key of the notice that *effect* has been waiting for days."""
    return f"{effect.key}-late"


def late_notice(case: Case, since: int) -> Ready:
    """Tell who is to be told of missed calls, else those it is for, that a text has been waiting *since* (UTC epoch seconds)."""
    target = case.effect.target or case.number.name
    text = words.waiting(case.name, case.number.name, target, in_words(since, case.number.zone))
    envelopes = Envelopes(late_key(case.effect), case.effect.about, case.number, case.opted_out)
    for name in _who_should_know(case, target):
        person = case.person(name)
        assert person is not None
        envelopes.to_person(
            person, "notice", text, lane=f"{case.number.name}|{name}", subject="A text is still waiting"
        )
    return Ready(tuple(envelopes.filled), why=f"{case.effect.key} has been waiting for 72 hours")


def _who_should_know(case: Case, target: str) -> tuple[str, ...]:
    targets = tuple(target.split(", "))
    tries: tuple[tuple[tuple[str, ...], EvenIf], ...] = (
        (case.number.notify_missed, NO_EXCUSE),
        (targets, NO_EXCUSE),
        (case.number.notify_missed, _OFF_HOURS),
        (targets, _OFF_HOURS),
        (targets, _ANYWAY),
    )
    return next(
        (there for names, excused in tries if (there := with_a_way(case, case.reach(names, excused).people))), ()
    )


def left_key(conversation: Conversation) -> str:
    """Return the key under which *conversation* passes on from its owner, who has left."""
    return f"{conversation.id}.left-{conversation.owner}"


def hand_over(case: Case, conversation: Conversation) -> Ready | None:
    """
    Pass *conversation* on to whoever its owner, who has left, named; None while nobody of them can be reached.

    Should that person be away, they own it all the same, and whoever covers for them is told.
    """
    owner = conversation.owner
    assert owner is not None
    people = with_a_way(case, case.reach((owner,)).people)
    if not people:
        return None
    changed = handed_over(
        conversation, people, case.at, owner=_successor(case, owner, people), tags=case.talks.tags(people)
    )
    envelopes = Envelopes(left_key(conversation), conversation.id, case.number, case.opted_out)
    for name in people:
        person, party = case.person(name), changed.party(name)
        assert person is not None
        assert party is not None
        text = words.yours_now(case.title(owner), case.name, party.tag, conversation.topic)
        lane = f"{case.number.name}|{conversation.id}|{name}"
        envelopes.to_person(person, "notice", text, lane=lane, subject=f"Conversation with {case.name}")
    return Ready(tuple(envelopes.filled), why=f"{owner} has left", conversations=(changed,))


def _successor(case: Case, owner: str, people: tuple[str, ...]) -> str | None:
    """Return who owns it from now on: the person named, also if away just now; of a team its only one here, else nobody yet."""
    name: str | None = owner
    seen: set[str] = set()
    while name and name not in seen and (person := case.person(name)) and has_left(case.timetable, name, case.at):
        seen.add(name)
        name = person.handover
    if name and name not in seen and case.person(name):
        return name
    return people[0] if len(people) == 1 else None
