"""What the tests of the channels share: a fake provider on real ports of this machine, channels to it, messages."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from OpenSSL import SSL
from twisted.internet import reactor as installed
from twisted.internet import ssl
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.internet.task import Clock, deferLater
from twisted.web.client import BrowserLikePolicyForHTTPS
from zope.interface import implementer

from adapters.generic.rest import Exchange
from adapters.twilio.rest import Account
from router.channels.email import MailChannel
from router.channels.http import Line
from router.channels.sms import SmsChannel
from router.channels.webhook import WebhookChannel
from router.outbox.message import Message
from router.sending import MailServer
from router.simulate.fake.server import FakeProvider

NOW = 1_795_788_000.0
SID = "AC" + "7" * 32
TOKEN = "a-token-that-must-stay-secret"
KEYS = (b"first-key", b"second-key")


@attrs.define
class FixedClock:
    """A wall clock that stands still."""

    at: float = NOW

    def now(self) -> float:
        """Return the moment."""
        return self.at

    def received_at(self, headers: Any) -> float:
        """Return the moment."""
        return self.at


def certificate(name: str) -> tuple["Shown", ssl.Certificate]:
    """Make a certificate for *name*, signed by itself: what a server shows, and what one must trust to believe it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a certificate of a test")])
    begin = datetime.now(UTC) - timedelta(days=1)  # noqa: TID251  OpenSSL looks at the real clock
    known: x509.GeneralName = x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([known]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate(made)
    context.use_privatekey(key)
    return Shown(context), ssl.Certificate.loadPEM(pem)


@implementer(IOpenSSLServerConnectionCreator)
@attrs.frozen
class Shown:
    """What a server shows, as Twisted wants it."""

    context: SSL.Context

    def serverConnectionForTLS(self, protocol: Any) -> SSL.Connection:  # noqa: N802
        """Make the encrypted side of a connection."""
        return SSL.Connection(self.context, None)


@attrs.define
class Bench:
    """A fake provider, listening, and a clock for what takes too long."""

    reactor: Any
    fake: FakeProvider
    timer: Clock = attrs.field(factory=Clock)
    wall: FixedClock = attrs.field(factory=FixedClock)
    trust: Any = attrs.field(factory=BrowserLikePolicyForHTTPS)

    @classmethod
    def started(cls, reactor: Any, **more: Any) -> "Bench":
        """Start a fake provider; its ids are counted."""
        numbers = iter(range(1, 10_000))
        fake = FakeProvider(
            reactor=reactor,
            now=lambda: NOW,
            new_id=lambda: f"{next(numbers):032x}",
            account=SID,
            token=TOKEN,
            keys=KEYS[1:],
            **more,
        )
        fake.start()
        return cls(reactor, fake)

    def line(self) -> Line:
        """Return what makes requests."""
        return Line(self.reactor, self.timer, self.trust)

    def sms(self, **changes: Any) -> SmsChannel:
        """Return the channel for texts; *changes* are of the account."""
        account = Account(
            sid=SID,
            user=SID,
            secret=TOKEN,
            own="https://phone.example",
            report_to="/hooks/twilio/status",
            api=self.fake.api,
        )
        return SmsChannel(attrs.evolve(account, **changes), self.line(), self.wall)

    def exchange(self, **changes: Any) -> SmsChannel:
        """Return the channel for texts by a generic provider; *changes* are of it."""
        own = "https://phone.example"
        made = Exchange("pbx", "", TOKEN.encode(), own, "/hooks/pbx/status").moved(self.fake.api)
        return SmsChannel(attrs.evolve(made, **changes), self.line(), self.wall)

    def webhook(self, url: str | None = None, keys: tuple[bytes, ...] = KEYS) -> WebhookChannel:
        """Return a channel for web hooks."""
        return WebhookChannel(url or self.fake.webhook("crm"), keys, "https://phone.example", self.line(), self.wall)

    def mail(self, **changes: Any) -> MailChannel:
        """Return the channel for mail; *changes* are of the server."""
        server = MailServer("127.0.0.1", self.fake.smtp_port, "none", "phone@acme.example", "Acme & Sons")
        return MailChannel(attrs.evolve(server, **changes), self.reactor, self.timer, self.wall, self.trust)


def text(**changes: Any) -> Message:
    """Return a text to a customer."""
    told: dict[str, Any] = {
        "key": "01ABC.1/1",
        "about": "01ABC",
        "kind": "relay",
        "channel": "sms",
        "via": "twilio",
        "lane": "boston|anna",
        "to": "+12125550177",
        "sender": "+16175550100",
        "body": "Grüße, bis morgen 😀",
    }
    return Message(**{**told, **changes})


def mail(**changes: Any) -> Message:
    """Return a mail to a teammate."""
    told = {"channel": "email", "via": "mail", "to": "dana@acme.example", "sender": "", "subject": "A text for you"}
    return text(**{**told, **changes})


def event(**changes: Any) -> Message:
    """Return what a web hook is told."""
    told = {"channel": "webhook", "via": "crm", "kind": "event", "to": "", "sender": "", "subject": "missed"}
    return text(**{**told, "body": '{"number":"boston","at":"2026-11-27T15:00:00Z"}', **changes})


async def until(holds: Any, reactor: Any = installed) -> None:
    """Let the reactor run until something holds; it is a matter of turns."""
    for _ in range(500):
        if holds():
            return
        await deferLater(reactor, 0.002)
    raise AssertionError("it never came to that")


async def timed_out(bench: Any, sending: Any, holds: Any) -> Any:
    """Return what becomes of *sending* when, once *holds*, all the time there is goes by."""
    waiting = Deferred.fromCoroutine(sending)
    await until(holds)
    bench.timer.advance(60)
    return await waiting
