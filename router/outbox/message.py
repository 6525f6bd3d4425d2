"""One message on its way to somebody: a text, a mail or a web hook; and how it stands in the journal."""

from collections.abc import Mapping
from typing import Any, Literal

import attrs

Json = dict[str, Any]

Kind = Literal["deliver", "copy", "relay", "reply", "text-back", "notice", "echo", "event"]
Medium = Literal["sms", "email", "webhook"]

REPEAT = "(may be a repeat)"
"""Marks a message that may have come before."""

_PRIVATE = ("to", "sender", "subject", "body", "media")


@attrs.frozen(kw_only=True)
class Message:
    """
    A message, complete: nothing of it is looked up later.

    *key*: `<effect key>/<n>`, unique for ever. *about*: id of the call or text it comes from. *via*: the provider by name
    (sms), `mail`, or the web hook's name. *lane*: order is kept within one; by convention `<number>|<conversation or person>`,
    by names, for it is not private. *number*: ours, by name. *person*: who gets it, by name; None: the customer, or a machine.
    *again*: when nobody can say whether it went out, send it again, marked; False: never, as for automatic replies.
    *expires_at*: UTC epoch seconds from which on it is not sent any more. The rest is private: numbers, addresses, words.
    """

    key: str
    about: str
    kind: Kind
    channel: Medium
    via: str
    lane: str
    number: str | None = None
    person: str | None = None
    again: bool = False
    expires_at: int | None = None
    to: str = attrs.field(repr=False)
    sender: str = attrs.field(default="", repr=False)
    subject: str | None = attrs.field(default=None, repr=False)
    body: str = attrs.field(default="", repr=False)
    media: tuple[str, ...] = attrs.field(default=(), repr=False)

    def public(self) -> Json:
        """Return what of it may be seen, for the public part of a record."""
        return {name: getattr(self, name) for name in _PUBLIC}

    def private(self) -> Json:
        """Return the rest, for the private part."""
        return {"to": self.to, "sender": self.sender, "subject": self.subject, "body": self.body, "media": self.media}

    @classmethod
    def read(cls, public: Mapping[str, Any], private: Mapping[str, Any]) -> "Message":
        """Return the message whose two parts stand in a record."""
        return cls(**public, **{**private, "media": tuple(private["media"])})

    def marked(self) -> "Message":
        """Return it with the words that it may be a repeat, where a person sees them first; machines know it by its key."""
        match self.channel:
            case "sms":
                return attrs.evolve(self, body=f"{REPEAT} {self.body}")
            case "email":
                return attrs.evolve(self, subject=f"{self.subject or ''} {REPEAT}".strip())
        return self


_PUBLIC = tuple(field.name for field in attrs.fields(Message) if field.name not in _PRIVATE)
