"""Mail: one message over one SMTP connection, encrypted and logged in as the configuration says."""

# mypy: allow-untyped-calls

from collections.abc import Callable
from typing import Any, NoReturn

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol, wrapClientTLS
from twisted.internet.interfaces import IReactorTime

from adapters.outcome import CannotTell, Found, Outcome, Refused
from router.channels.http import Endpoint, Trust
from router.channels.letter import can_be_written_to, letter
from router.channels.posting import Posting
from router.channels.trouble import TooSlowError
from router.clock import Clock
from router.outbox.message import Message
from router.sending import MailServer

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 20.0
"""Longer than for a provider: a mail server may look into a message for some seconds before it answers."""


@attrs.frozen
class MailChannel:
    """Sends mail by one server. *timer* ends a posting after `TOTAL_SECONDS`; *trust* says whose certificates count."""

    server: MailServer
    reactor: Any
    timer: IReactorTime
    clock: Clock
    trust: Trust

    async def send(self, message: Message) -> Outcome:
        """Hand *message* to the server, once. Its id comes from the message's key: a repeat can be told by it."""
        if not can_be_written_to(message.to):
            return Refused("the mail address is none that can be written to", permanent=True)
        creator = self.trust.creatorForNetloc(self.server.host.encode(), self.server.port)
        content = letter(message, self.server, self.clock.now())
        posting = Posting(self.server, message.to, content, creator)
        posted = Deferred.fromCoroutine(self._post(posting, creator))
        posted.addTimeout(TOTAL_SECONDS, self.timer, _too_slow)
        try:
            return await posted
        except Exception as error:
            return posting.ended(error)

    async def look_up(self, message: Message, since: float, taken: Callable[[str], bool]) -> Found:  # noqa: ARG002
        """Nobody can be asked."""
        return CannotTell("a mail server cannot be asked what it has")

    async def _post(self, posting: Posting, creator: Any) -> Outcome:
        await connectProtocol(self._endpoint(creator), posting)
        return await posting.outcome

    def _endpoint(self, creator: Any) -> Endpoint:
        plain: Any = HostnameEndpoint(self.reactor, self.server.host, self.server.port, timeout=CONNECT_SECONDS)
        endpoint: Endpoint = wrapClientTLS(creator, plain) if self.server.tls == "implicit" else plain
        return endpoint


def _too_slow(_result: object, _seconds: float) -> NoReturn:
    raise TooSlowError
