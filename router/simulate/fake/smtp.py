"""A mail server that takes everything, delivers nothing, and goes wrong when it is told to."""

# ruff: noqa: N802  the names are Twisted's
# mypy: allow-untyped-calls, allow-subclassing-any

from collections.abc import Callable
from email import message_from_bytes, policy
from typing import Any

import attrs
from twisted.cred.error import UnauthorizedLogin
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.protocol import ServerFactory
from twisted.mail.imap4 import PLAINCredentials
from twisted.mail.smtp import ESMTP, IMessage, IMessageDelivery, LOGINCredentials, SMTPServerError, User
from zope.interface import implementer

from router.simulate.fake.arrivals import Arrivals
from router.simulate.fake.faults import Fault, Faults
from router.simulate.fake.http import Timer


@attrs.define(eq=False)
class FakeMail:
    """Where mail goes. With *login* (user, password) nobody may send without it; with *tls* it offers STARTTLS."""

    arrivals: Arrivals
    faults: Faults
    timer: Timer
    login: tuple[str, str] | None = None
    tls: Any = None
    letters: int = 0
    """Letters that came to their end, taken or not."""

    def factory(self) -> Any:
        """Return what listens."""
        factory: Any = ServerFactory()
        factory.noisy, factory.buildProtocol = False, lambda _: _Session(self)
        return factory

    def take(self, to: str, sender: str, content: bytes) -> None:
        """Note a mail."""
        mail = message_from_bytes(content, policy=policy.default)
        body = mail.get_body(("plain",))
        self.arrivals.add(
            way="email",
            to=to,
            sender=sender,
            subject=str(mail["Subject"] or ""),
            body=body.get_content().rstrip("\n") if body else "",
            reference=str(mail["Message-ID"] or ""),
        )


class _Session(ESMTP):
    noisy = False
    portal: Any
    transport: Any

    def __init__(self, mail: FakeMail) -> None:
        known = {b"PLAIN": PLAINCredentials, b"LOGIN": LOGINCredentials} if mail.login else {}
        super().__init__(known, mail.tls)
        self.mail = mail
        self.host = b"fake.example"
        self.portal = _Portal(mail.login) if mail.login else None
        self.sender = ""

    def validateFrom(self, helo: Any, origin: Any) -> Any:  # noqa: ARG002
        """Take mail from everybody, once logged in."""
        if self.mail.login and not self.authenticated:
            raise SMTPServerError(530, "5.7.0 Authentication required")
        self.sender = str(origin)
        return origin

    def validateTo(self, user: User) -> Callable[[], "_Letter"]:
        """Take mail to everybody, unless something else is planned."""
        to = str(user.dest)
        fault = self.mail.faults.next(to)
        if fault is not None and fault.kind in ("refuse", "busy"):
            code, words = (550, "5.1.1 Unknown mailbox") if fault.kind == "refuse" else (450, "4.2.1 Try later")
            raise SMTPServerError(code, words)
        return lambda: _Letter(self, to, fault)

    def receivedHeader(self, helo: Any, origin: Any, recipients: Any) -> bytes:  # noqa: ARG002
        """Add nothing."""
        return b""


@implementer(IMessage)
@attrs.define(eq=False)
class _Letter:
    session: _Session
    to: str
    fault: Fault | None
    lines: list[bytes] = attrs.field(factory=list)

    def lineReceived(self, line: bytes) -> None:
        """Take a line."""
        self.lines.append(line)

    def eomReceived(self) -> "Deferred[None]":
        """Take the letter; what goes wrong has its own answer, or none."""
        mail, session, fault = self.session.mail, self.session, self.fault
        mail.letters += 1
        if fault is None or fault.takes:
            mail.take(self.to, session.sender, b"\n".join(self.lines))
        if fault is None:
            return succeed(None)
        answered: Deferred[None] = Deferred()
        match fault.kind:
            case "error" | "error-after":
                session.sendCode(451, b"4.3.0 Local error")
            case "cut" | "cut-after":
                session.transport.abortConnection()
            case "nonsense":
                session.transport.write(b"all is well\r\n")
            case "slow":
                mail.timer.callLater(fault.seconds, answered.callback, None)
            case _:
                pass
        return answered

    def connectionLost(self) -> None:
        """Forget what was begun."""


@attrs.frozen
class _Portal:
    login_: tuple[str, str]

    def login(self, credentials: Any, *_: Any) -> "Deferred[Any]":
        """Let in who knows user and password."""
        user, password = (word.encode() for word in self.login_)
        if credentials.username == user and credentials.checkPassword(password):
            return succeed((IMessageDelivery, None, lambda: None))
        return fail(UnauthorizedLogin())
