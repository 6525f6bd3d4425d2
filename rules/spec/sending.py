"""What the main file says about sending: the mail server, web hooks."""

from typing import Literal

import attrs

from rules.source import Mark
from rules.spec.words import Secret, Word


@attrs.frozen
class ApiKeySpec:
    """A key that sends in place of the account itself, and can be revoked alone."""

    id: Secret | Word
    secret: Secret
    at: Mark


@attrs.frozen
class MailSpec:
    """
    The server that takes our mail, `HOST:PORT`, and the address mail comes *sender* (`from:`).

    *tls*: `starttls` begins in the clear and goes on encrypted or not at all, `implicit` is encrypted from the first byte.
    """

    server: Word
    tls: Literal["starttls", "implicit", "none"]
    user: Word | None
    password: Secret | None
    sender: Word
    at: Mark


@attrs.frozen
class WebhookSpec:
    """An address that is told of *events*; the first of *secrets* signs alone, or all while they are rotated."""

    name: str
    url: Word
    secrets: tuple[Secret, ...]
    events: tuple[str, ...]
    at: Mark
