"""Builds the channels the configuration describes."""

from typing import Any

from twisted.internet.interfaces import IReactorTime
from twisted.web.client import BrowserLikePolicyForHTTPS

from router.channels.http import Line, Trust
from router.channels.sms import SmsChannel
from router.channels.webhook import WebhookChannel
from router.clock import Clock
from router.outbox.channel import Channel
from router.settings import Settings

MAIL = "mail"
"""What a message goes `via` when it goes by mail."""

Way = tuple[str, str]
"""The channel of a message and what it goes via: (`sms`, a provider), (`email`, `mail`), (`webhook`, its name)."""


def build(
    settings: Settings,
    *,
    reactor: Any,
    clock: Clock,
    timer: IReactorTime | None = None,
    trust: Trust | None = None,
) -> dict[Way, Channel]:
    """
    Return a channel for each way a message may go.

    *clock* tells the moment, *timer* (the reactor) ends what takes too long, *trust* says whose certificates count: those the
    system trusts.
    """
    timer, trust = timer or reactor, trust or BrowserLikePolicyForHTTPS()  # type: ignore[no-untyped-call]
    line = Line(reactor, timer, trust)
    sending = settings.sending
    channels: dict[Way, Channel] = {
        ("sms", name): SmsChannel(each, line, clock) for name, each in sending.carriers.items()
    }
    for name, hook in sending.webhooks.items():
        channels["webhook", name] = WebhookChannel(hook.url, hook.keys, settings.public_url, line, clock)
    if sending.mail is not None:
        # Imported when needed: twisted.mail asks for the name of this machine, which takes seconds where DNS is sick.
        from router.channels.email import MailChannel  # noqa: PLC0415

        channels["email", MAIL] = MailChannel(sending.mail, reactor, timer, clock, trust)
    return channels
