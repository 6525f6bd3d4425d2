"""Messages put into envelopes: which way somebody is reached, from which number, in how many pieces."""

from collections.abc import Callable

import attrs

from router.outbox.message import REPEAT, Kind, Medium, Message
from rules.book import Number
from rules.directory import Person
from rules.relay.segments import LONGEST, parts

CONFIRMATION = "/stop"
"""How the key of the one text ends (before its number) that confirms a STOP, and goes out although the block holds."""

SOON = 3600
"""Seconds after which an answer that is made by itself is of no use any more."""

LONGEST_TEXT = 5_000
"""
Characters of one text that are sent on. No provider takes more in one message (WhatsApp 4,096); a request could hold sixty thousand, each
of its eighty messages would cost, and somebody's phone would ring for all of them. The record has the whole text.
"""

CUT = " [...]"
"""What stands at the end of one that was longer; in letters that do not make it dearer."""

MOST_PICTURES = 10
"""Providers take no more in one message (Twilio, Messages resource, MediaUrl)."""


@attrs.frozen
class Way:
    """How somebody is reached: over *via* to the address *to*, from *sender*."""

    channel: Medium
    via: str
    to: str = attrs.field(repr=False)
    sender: str = attrs.field(repr=False)


def way_to(
    person: Person, number: Number, opted_out: Callable[[str], bool], avoiding: Medium | None = None
) -> Way | None:
    """
    Return how a text from our *number* reaches *person*: by the first of `texts_by` that works, else by mail.

    A phone that has *opted_out* is not texted. A way that is worth *avoiding* comes last. None: there is no way.
    """
    for channel in sorted((*person.texts_by, "email"), key=lambda channel: channel == avoiding):
        if channel == "email" and person.email:
            return Way("email", "mail", person.email, "")
        phone = phone_of(person)
        if channel == "sms" and phone and number.e164.startswith("+") and not opted_out(phone):
            return Way("sms", number.providers["text"], phone, number.e164)
    return None


def phone_of(person: Person) -> str | None:
    """Return the number of the phone that takes texts: the one called mobile, else the first on the public network."""
    phones = [device for device in person.devices if device.address.startswith("+")]
    phones.sort(key=lambda device: not any(word in device.name.casefold() for word in ("mobile", "cell")))
    return phones[0].address if phones else None


def is_confirmation(message: Message) -> bool:
    """Say whether *message* is the one that confirms a STOP."""
    return message.key.rpartition("/")[0].endswith(CONFIRMATION)


@attrs.define
class Envelopes:
    """Fills envelopes for one effect; their keys are its own and a number."""

    effect: str
    about: str
    number: Number
    opted_out: Callable[[str], bool]
    filled: list[Message] = attrs.field(factory=list)

    def to_person(
        self,
        person: Person,
        kind: Kind,
        text: str,
        *,
        lane: str,
        subject: str,
        footer: str = "",
        again: bool = True,
        expires_at: int | None = None,
        avoiding: Medium | None = None,
    ) -> bool:
        """Write *text* to a teammate; a mail has a *subject*, and a *footer* below. False: there is no way to them."""
        way = way_to(person, self.number, self.opted_out, avoiding)
        if way is None:
            return False
        mail = way.channel == "email"
        body = f"{text}\n\n{footer}".rstrip() if mail else text
        self._add(
            way, kind, body, lane, person.name, subject=subject if mail else None, again=again, expires_at=expires_at
        )
        return True

    def to_phone(self, person: str, phone: str, kind: Kind, text: str, *, expires_at: int) -> None:
        """Write *text* back to the *phone* a teammate has just written from; never twice."""
        way = Way("sms", self.number.providers["text"], phone, self.number.e164)
        self._add(way, kind, text, f"{self.number.name}|{person}", person, again=False, expires_at=expires_at)

    def to_customer(
        self,
        customer: str,
        kind: Kind,
        text: str,
        *,
        lane: str,
        again: bool,
        media: tuple[str, ...] = (),
        expires_at: int | None = None,
    ) -> None:
        """Write *text* to a customer (E.164): these words and nothing else, from the business number."""
        way = Way("sms", self.number.providers["text"], customer, self.number.e164)
        self._add(way, kind, text, lane, None, again=again, media=media[:MOST_PICTURES], expires_at=expires_at)

    def _add(
        self,
        way: Way,
        kind: Kind,
        text: str,
        lane: str,
        person: str | None,
        *,
        again: bool,
        expires_at: int | None,
        subject: str | None = None,
        media: tuple[str, ...] = (),
    ) -> None:
        room = (
            LONGEST - len(f"{REPEAT} ") if again else LONGEST
        )  # one that comes again is marked, and must fit then too
        for at, body in enumerate(parts(_shortened(text), longest=room) if way.channel == "sms" else (text,)):
            self.filled.append(
                Message(
                    key=f"{self.effect}/{len(self.filled)}",
                    about=self.about,
                    kind=kind,
                    channel=way.channel,
                    via=way.via,
                    lane=lane,
                    number=self.number.name,
                    person=person,
                    again=again,
                    expires_at=expires_at,
                    to=way.to,
                    sender=way.sender,
                    subject=subject,
                    body=body,
                    media=media if at == 0 else (),
                )
            )


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT].rstrip() + CUT
