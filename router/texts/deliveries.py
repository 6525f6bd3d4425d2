"""What a customer wrote, on its way to teammates: delivered, held until somebody can have it, copied; and STOP, shown."""

from collections.abc import Sequence
from typing import Literal

import attrs

from router.outbox.message import Message
from router.texts.case import Case, Later, Outcome, Ready
from router.texts.posting import Envelopes, phone_of, way_to
from rules.deciding import earliest
from rules.reaching import NO_EXCUSE, Reach, block_of, is_open
from rules.relay import words
from rules.relay.answering import answers_several
from rules.relay.conversation import Conversation, copied, delivered, ended, topic
from rules.words import wants_out

NOBODY = "nobody of {} can be reached now"


def deliver(case: Case) -> Outcome:
    """Bring a text to whoever it is for now; while nobody can have it, or it is to wait for an opening, it waits."""
    if case.effect.kind == "hold" and _until_open(case):
        open_now, change = is_open(case.timetable, case.number, case.at)
        if not open_now:
            return Later(f"{case.number.name} is closed", change, opens=True)
    conversation = _conversation(case)
    found = _found(case)
    given = _recipients(case, conversation, found)
    there = with_a_way(case, given.people)
    if not there:
        return Later(NOBODY.format(case.effect.target), given.until)
    took = there[0] if given.one and there == given.people else None
    changed = delivered(
        conversation,
        there,
        case.at,
        text=case.text or "(a picture)",
        via=case.effect.target,
        tags=case.talks.tags(there),
    )
    why = "; ".join(given.why) or None
    return Ready(_letters(case, changed, there, "deliver"), why=why, conversations=(changed,), took=took)


def copy(case: Case) -> Outcome:
    """Show a text to people who are not to answer it."""
    found = _found(case)
    given = case.public.get("delivers") or ()
    people = tuple(person for person in with_a_way(case, found.people) if person not in given)
    if not people:
        return Ready(why=NOBODY.format(case.effect.target))
    changed = copied(_conversation(case), people, case.at, tags=case.talks.tags(people))
    return Ready(_letters(case, changed, people, "copy"), conversations=(changed,))


def event(case: Case) -> Outcome:
    """Show the team that a customer wants no more texts, or wants them again."""
    word = str(case.public.get("rule")).removeprefix("safety:")
    conversation = case.talks.ongoing(case.number.name, case.customer, case.at, case.lasting)
    until: int | None = None
    people: tuple[str, ...] = ()
    for targets in _concerned(case, conversation):
        found = case.reach(targets)
        until, people = earliest(until, found.until), with_a_way(case, found.people)
        if people:
            break
    else:
        return Later(NOBODY.format(case.number.name), until)
    envelopes = _envelopes(case)
    text = words.opted(word, case.name, case.number.name)
    for person in people:
        _write(case, envelopes, person, "event", text, f"{case.number.name}|{person}")
    closed = (ended(conversation, case.at),) if conversation and word == "stop" else ()
    return Ready(tuple(envelopes.filled), conversations=closed)


# ---------------------------------------------------------------- for whom


def _until_open(case: Case) -> bool:
    """Say whether the text was to wait for the number to open; otherwise it waits for somebody to be in."""
    steps = case.public.get("plan") or ()
    return any(step.get("hold") == case.effect.target and step.get("until") == "open" for step in steps)


def _found(case: Case) -> Reach:
    """Return whom the text is for: as decided just now, or after a wait by the rules in force."""
    if case.fresh and case.effect.people:
        return Reach(case.effect.people, False, (), None)
    block = block_of(case.number, str(case.public.get("rule")))
    targets = tuple((case.effect.target or "").split(", "))
    excused = NO_EXCUSE
    if block is not None:
        if targets == block.targets:
            excused = block.even_if
        elif block.urgent is not None and targets == block.urgent.targets:
            excused = block.urgent.even_if
    found = case.reach(targets, excused)
    if not found.one:
        return found
    return attrs.evolve(found, people=case.facts.longest_idle_first("text", found.people)[:1])


def _recipients(case: Case, conversation: Conversation, found: Reach) -> Reach:
    """
    Return who is given the text.

    Of a conversation that somebody has taken it is the owner, or who covers for them; and besides, whom the rules name, if they
    say something else this time (urgent words, a plan for a bad day) or if the owner cannot be reached.
    """
    owner = conversation.owner
    if owner is None:
        return found
    own = case.reach((owner,))
    why = (f"{owner} has this conversation", *own.why)
    if own.people and conversation.taken_via == case.effect.target:
        return Reach(own.people, False, why, own.until)
    people = tuple(dict.fromkeys((*own.people, *found.people)))
    return Reach(people, False, (*why, *found.why), earliest(own.until, found.until))


def with_a_way(case: Case, people: Sequence[str]) -> tuple[str, ...]:
    """Return those of *people* (by name) to whom there is a way at all."""
    known = [(name, case.person(name)) for name in people]
    return tuple(name for name, person in known if person and way_to(person, case.number, case.opted_out))


def _concerned(case: Case, conversation: Conversation | None) -> list[tuple[str, ...]]:
    """Return who should know what became of a customer, the closest first."""
    groups: list[tuple[str, ...]] = []
    if conversation is not None:
        groups.append((conversation.owner,) if conversation.owner else ())
        groups.append(tuple(party.person for party in conversation.parties if party.open))
    return [group for group in (*groups, case.number.notify_missed, case.number.text_fallback) if group]


def _conversation(case: Case) -> Conversation:
    """Return the conversation the text belongs to; it begins a new one if there is none."""
    known = case.talks.ongoing(case.number.name, case.customer, case.at, case.lasting)
    return known or Conversation(
        id=case.effect.about,
        number=case.number.name,
        customer=case.customer,
        topic=topic(case.text),
        touched=case.at,
    )


# ---------------------------------------------------------------- in which words


def _envelopes(case: Case) -> Envelopes:
    return Envelopes(case.effect.key, case.effect.about, case.number, case.opted_out)


def _letters(
    case: Case, conversation: Conversation, people: Sequence[str], kind: Literal["deliver", "copy"]
) -> tuple[Message, ...]:
    """Write the text to each of *people*, with what this person needs to know about it."""
    envelopes = _envelopes(case)
    notes = (words.HINT,) if wants_out(case.text) else ()
    for person in people:
        tag = case.talks.tag_shown(conversation, person, case.at, case.lasting)
        text = words.delivery(
            case.text,
            name=case.name,
            tag=tag if kind == "deliver" else None,
            number=case.number.name if answers_several(case.book, person) else None,
            links=case.links,
            copy=kind == "copy",
            notes=notes,
        )
        _write(case, envelopes, person, kind, text, f"{case.number.name}|{conversation.id}|{person}")
    return tuple(envelopes.filled)


def _write(
    case: Case, envelopes: Envelopes, person: str, kind: Literal["deliver", "copy", "event"], text: str, lane: str
) -> None:
    known = case.person(person)
    assert known is not None  # whoever has a way is there
    may_reply = kind == "deliver" and case.book.from_mobile and phone_of(known) is not None
    footer = words.footer(case.number, may_reply=may_reply)
    envelopes.to_person(
        known, kind, text, lane=lane, subject=f"Text from {case.name} to {case.number.name}", footer=footer
    )
