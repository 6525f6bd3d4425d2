"""The sections for sending: the mail server, and who is told of what happens by web hook."""

from typing import Any

import attrs

from rules import fragments
from rules.decode import TEXT, Field, Kind, Shape, choice, one_or_more, shaped, text
from rules.parse.values import SECRET, SECRETS
from rules.source import Mark, Report
from rules.spec.sending import ApiKeySpec, MailSpec, WebhookSpec
from rules.spec.words import Secret, Word
from rules.yamltree import Node, Scalar

EVENTS = ("call", "text", "missed", "voicemail", "override")
"""What a web hook can be told of."""


def _read_named_secret(key: str, node: Node, report: Report) -> Secret | Word | None:
    if isinstance(node, Scalar) and not node.text.startswith(("env:", "file:")):
        return TEXT.read(key, node, report)
    return SECRET.read(key, node, report)


ACCOUNT: Kind[Secret | Word] = Kind("the account's id, or env:NAME", _read_named_secret)

API = text("an https address", fragments.PUBLIC_URL)

_API_KEY = Shape(
    "`api_key`",
    (
        Field("id", ACCOUNT, "the id of the key, SK…, or env:NAME", required=True),
        Field("secret", SECRET, "its secret: env:NAME or file:PATH", required=True),
    ),
)
API_KEY = shaped(_API_KEY, lambda at, values: ApiKeySpec(at=at, **values))

_MAIL = Shape(
    "`mail`",
    (
        Field(
            "server", text("HOST:PORT", fragments.HOST_PORT), "the server that takes our mail, HOST:PORT", required=True
        ),
        Field(
            "tls",
            choice("starttls", "implicit", "none"),
            "how the way to it is encrypted: starttls (mostly port 587), implicit (mostly 465), none (this machine)",
            default="starttls",
        ),
        Field("user", TEXT, "the user to log in as, where the server asks for one"),
        Field("password", SECRET, "the password: env:NAME or file:PATH"),
        Field(
            "from", text("a mail address", fragments.SENDER), "the address mail comes from", required=True, to="sender"
        ),
    ),
)


def _mail(at: Mark, values: dict[str, Any]) -> MailSpec:
    return MailSpec(at=at, **values)


MAIL: Kind[MailSpec] = attrs.evolve(
    shaped(_MAIL, _mail),
    fragment={**_MAIL.fragment(), "dependencies": {"user": ["password"], "password": ["user"]}},
)

_WEBHOOK = Shape(
    "a web hook",
    (
        Field("url", text("an https address", fragments.PUBLIC_URL), "the https address that is told", required=True),
        Field(
            "secret",
            SECRETS,
            "what we sign with: env:NAME or file:PATH; all of a list, so that the other side can change over",
            required=True,
            to="secrets",
        ),
        Field(
            "events",
            one_or_more(choice(*EVENTS), f"one of {', '.join(EVENTS)}, or a list of them"),
            "what it is told of",
            default=EVENTS,
        ),
    ),
)
WEBHOOK_FRAGMENT = _WEBHOOK.fragment()


def webhook(name: Scalar, node: Node, report: Report) -> WebhookSpec | None:
    """Read one entry of `webhooks:`."""
    values = _WEBHOOK.read(name.text, node, report)
    return None if values is None else WebhookSpec(name=name.text, at=name.at, **values)
