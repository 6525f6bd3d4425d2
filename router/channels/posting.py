"""The SMTP side of one mail: whether the server took it, refused it, or left us in the dark (RFC 5321)."""

# ruff: noqa: N802  the names are Twisted's
# mypy: allow-untyped-calls, allow-subclassing-any, allow-any-generics

from io import BytesIO
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import connectionDone
from twisted.mail.smtp import (
    AUTHDeclinedError,
    AuthenticationError,
    AUTHRequiredError,
    ESMTPClientError,
    ESMTPSender,
    SMTPClientError,
    TLSError,
    TLSRequiredError,
)
from twisted.python.failure import Failure

from adapters.outcome import NotReached, Outcome, Refused, Sent, Unknown
from router.channels.trouble import in_words
from router.sending import MailServer

_IN_THE_DARK = "the mail server did not say whether it took it"


class Posting(ESMTPSender):
    """
    Posts one letter and says in `outcome` what became of it.

    Nothing is taken before the dot behind the letter; from then until the server's answer nobody knows.
    """

    transport: Any
    debug = False  # else what logs in would be kept, and told with an error

    def __init__(self, server: MailServer, to: str, content: bytes, creator: Any) -> None:
        user = server.user.encode() if server.user is not None else b""
        secret = server.password.encode() if server.user is not None else None
        super().__init__(user, secret, creator if server.tls == "starttls" else None, identity=server.domain)
        self.requireTransportSecurity = server.tls == "starttls"
        self.requireAuthentication = server.user is not None
        self.outcome: Deferred[Outcome] = Deferred()
        self._sender, self._to, self._content = server.sender, to, content
        self._finished = False
        self._at_line_start = True

    def esmtpState_starttls(self, code: int, resp: bytes) -> None:
        """Encrypt; what came in the clear behind the server's yes is somebody else's, and never taken for an answer."""
        if self.clearLineBuffer():
            self.sendError(TLSError(code, b"said more in the clear"))
        else:
            super().esmtpState_starttls(code, resp)

    def getMailFrom(self) -> str | None:
        """Return the sender; None once the letter is through."""
        return None if self.outcome.called else self._sender

    def getMailTo(self) -> list[str]:
        """Return the only recipient."""
        return [self._to]

    def getMailData(self) -> BytesIO:
        """Return the letter."""
        return BytesIO(self._content)

    def transformChunk(self, chunk: bytes) -> bytes:
        """Double the dot that begins a line also where one piece ends and the next begins, which Twisted overlooks."""
        begins, self._at_line_start = self._at_line_start, chunk.endswith(b"\n")
        written: bytes = super().transformChunk(b"." + chunk if begins and chunk.startswith(b".") else chunk)
        return written

    def finishedFileTransfer(self, lastsent: bytes) -> None:
        """Write the dot behind the letter."""
        self._finished = True
        super().finishedFileTransfer(lastsent)

    def sentMail(self, code: int, resp: bytes, numOk: int, addresses: list, log: object) -> None:  # noqa: ARG002, N803
        """Hear what the server says to the letter, or to who sends it and gets it."""
        if 200 <= code < 300 and numOk:
            self._say(Sent(""))
        elif not addresses:
            self._say(Refused(f"the mail server takes no mail from us ({code})"))
        elif not numOk:
            self._say(Refused(f"the mail server does not take mail for this address ({code})", code >= 500))
        else:
            self._say(Refused(f"the mail server does not take this mail ({code})", code >= 500))

    def sendError(self, exc: SMTPClientError) -> None:
        """Hear why it did not come to that."""
        self._say(Unknown(_IN_THE_DARK) if self._finished else Refused(_why(exc)))
        self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Notice that the connection is gone."""
        super().connectionLost(reason)
        assert reason.value is not None
        self._say(self._broken(reason.value))

    def ended(self, error: Exception) -> Outcome:
        """Give up because of *error*, and say what that leaves us with."""
        if self.transport is not None:
            self.transport.abortConnection()
        return self._broken(error)

    def _broken(self, error: BaseException) -> Outcome:
        if self._finished:
            return Unknown(_IN_THE_DARK)
        return NotReached(f"the mail server was not reached: {in_words(error)}")

    def _say(self, outcome: Outcome) -> None:
        if not self.outcome.called:
            self.outcome.callback(outcome)


def _why(error: SMTPClientError) -> str:
    match error:
        case TLSRequiredError() | TLSError():
            return "the mail server offers no encryption"
        case AUTHRequiredError():
            return "the mail server knows no way to log in that we know"
        case AUTHDeclinedError() | AuthenticationError():
            return f"the mail server refuses our user and password ({error.code})"
        case ESMTPClientError() | SMTPClientError() if error.code > 0:
            return f"the mail server refuses us ({error.code})"
        case _:
            return "what answers is no mail server"
