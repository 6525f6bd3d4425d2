"""What goes to customers, and back to teammates who wrote: relayed replies, commands and their echo, automatic replies."""

from collections.abc import Callable, Sequence
from typing import Protocol

from router.clock import epoch
from router.switchboard.pins import Proof
from router.texts.case import Case, Outcome, Ready
from router.texts.posting import CONFIRMATION, SOON, Envelopes
from rules.filling import Filling
from rules.reaching import has_left
from rules.relay import words
from rules.relay.allowed import may_be_texted
from rules.relay.conversation import Conversation, answered
from rules.relay.routing import Ask, Elsewhere, Moved, Nothing, Routed, Wordless, route

Told = Callable[[str], Ready]


class Commands(Protocol):
    """Carries out what teammates ask for by text."""

    def command(self, person: str, text: str, at: int, *, proof: Proof, cause: str) -> str:
        """
        Do what *text* of *person*, received *at* (UTC epoch seconds), says; return the words of the answer.

        *proof* is what its PIN proved when it came. *cause* names the text: one that is carried out twice changes nothing more.
        """


def relay(case: Case) -> Outcome:
    """Bring a teammate's reply to the customer it is for; or tell them why not."""
    person = case.caller.person
    if person is None or has_left(case.timetable, person, case.at):
        return Ready(why="the sender is none of us any more")
    if not case.book.from_mobile:
        return _told(case, person, words.switched_off(case.book.business), "replies from the mobile are switched off")
    routed = route(
        case.talks.known.values(),
        person,
        case.number.name,
        case.text,
        case.at,
        lasting=case.lasting,
        media=bool(case.links),
    )
    match routed:
        case Routed(conversation=conversation, words=text):
            return _to_customer(case, person, conversation, text)
        case Ask(choices=choices, tag=tag):
            named = [(number, case.name_in(each), each.topic) for number, each in choices]
            return _told(case, person, words.ask(named, tag), "it may be meant for several")
        case Moved(conversation=conversation, tag=tag):
            return _told(case, person, _moved(case, person, conversation, tag), "the conversation has moved on")
        case Elsewhere(conversation=conversation, tag=tag):
            text = words.elsewhere(tag, case.name_in(conversation), conversation.number)
            return _told(case, person, text, "the conversation goes through another number")
        case Wordless(tag=tag):
            return _told(case, person, words.wordless(tag), "there are no words behind the tag")
    assert isinstance(routed, Nothing)
    return _told(case, person, words.nothing(case.book.business), "no conversation is open")


def command(case: Case, commands: Commands) -> Outcome:
    """Carry out a teammate's command, and tell what it came to."""
    person = case.caller.person
    if person is None or has_left(case.timetable, person, case.at):
        return Ready(why="the sender is none of us any more")
    effects = case.private.get("outbox") or ()
    pins: list[Proof] = [each["pin"] for each in effects if each["key"] == case.effect.key and "pin" in each]
    proof = pins[0] if pins else "missing"
    received = int(epoch(str(case.public["received_at"])))
    return _told(
        case, person, commands.command(person, case.text, received, proof=proof, cause=case.effect.about), None
    )


def reply(case: Case) -> Outcome:
    """Send the automatic reply the provider could not take with its answer: once, soon or not at all."""
    confirms = case.public.get("rule") == "safety:stop"
    text = case.private.get("replies")
    if not text or _barred(case, case.customer, confirms=confirms):
        return Ready(why="the sender is not texted")
    received = int(epoch(str(case.public["received_at"])))
    envelopes = Envelopes(
        case.effect.key + (CONFIRMATION if confirms else ""), case.effect.about, case.number, case.opted_out
    )
    lane = f"{case.number.name}|{case.effect.about}"
    envelopes.to_customer(case.customer, "reply", text, lane=lane, again=False, expires_at=received + SOON)
    return Ready(tuple(envelopes.filled))


def text_back(case: Case) -> Outcome:
    """Text a caller whom nobody answered."""
    if case.number.text_back is None or _barred(case, case.customer):
        return Ready(why="the caller is not texted")
    opens = case.timetable.next_open(case.number, case.at)
    text = Filling(case.book.business, case.number, opens, case.caller).text(case.number.text_back)
    since = int(epoch(case.effect.since))
    envelopes = _envelopes(case)
    lane = f"{case.number.name}|{case.effect.about}"
    envelopes.to_customer(case.customer, "text-back", text, lane=lane, again=False, expires_at=since + SOON)
    return Ready(tuple(envelopes.filled))


# ---------------------------------------------------------------- to the customer


def _to_customer(case: Case, person: str, conversation: Conversation, text: str) -> Ready:
    name = case.name_in(conversation)
    if case.opted_out(conversation.customer):
        return _told(case, person, words.opted_out(name), "the customer wants no texts")
    if _barred(case, conversation.customer):
        return _told(case, person, words.unanswerable(name), "the customer cannot be texted")
    changed, others = answered(conversation, person, case.at, covering=_covers(case, person, conversation))
    envelopes = _envelopes(case)
    lane = f"{case.number.name}|{conversation.id}"
    envelopes.to_customer(conversation.customer, "relay", text, lane=lane, again=True, media=case.links)
    _tell_others(case, envelopes, others, words.answered_by(case.title(person), name), lane)
    return Ready(tuple(envelopes.filled), conversations=(changed,))


def _covers(case: Case, person: str, conversation: Conversation) -> bool:
    """Say whether *person* answers in place of the owner, who is away just now."""
    owner = conversation.owner
    if owner in (None, person) or has_left(case.timetable, owner, case.at):
        return False
    people = case.reach((owner,)).people
    return person in people and owner not in people


def _tell_others(case: Case, envelopes: Envelopes, others: Sequence[str], text: str, lane: str) -> None:
    """Tell those who might answer as well that it is done; who is away or off duty is left in peace."""
    for other in others:
        known = case.person(other)
        if known is not None and case.is_here(other):
            envelopes.to_person(known, "notice", text, lane=f"{lane}|{other}", subject=text)


def _barred(case: Case, customer: str, *, confirms: bool = False) -> bool:
    """Say whether *customer* must not be texted: no number, a country not allowed, opted out (unless that is confirmed)."""
    allowed = may_be_texted(case.book, customer) and case.number.e164.startswith("+")
    return not allowed or (case.opted_out(customer) and not confirms)


# ---------------------------------------------------------------- to the teammate who wrote


def _envelopes(case: Case) -> Envelopes:
    return Envelopes(case.effect.key, case.effect.about, case.number, case.opted_out)


def _told(case: Case, person: str, text: str, why: str | None) -> Ready:
    """Write back to the phone the teammate wrote from; where it takes no texts, the way they prefer."""
    envelopes = _envelopes(case)
    known, until = case.person(person), case.at + SOON
    if case.caller.e164 is not None and case.number.e164.startswith("+"):
        envelopes.to_phone(person, case.caller.e164, "echo", text, expires_at=until)
    else:
        assert known is not None  # their device is how they were recognised
        lane = f"{case.number.name}|{person}"
        envelopes.to_person(known, "echo", text, lane=lane, subject="Your text", again=False, expires_at=until)
    return Ready(tuple(envelopes.filled), why=why)


def _moved(case: Case, person: str, conversation: Conversation, tag: int) -> str:
    owner = case.title(conversation.owner) if conversation.owner else None
    return words.moved(conversation, name=case.name_in(conversation), tag=tag, owner=owner, person=person)
