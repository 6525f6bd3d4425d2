"""Texts, by a provider's REST API."""

from collections.abc import Callable

import attrs

from adapters.outcome import CannotTell, Found, NotReached, Outcome, Unknown
from adapters.sending import Carrier, OutgoingText, RestRequest
from router.channels.http import Line, NeverReachedError, NoAnswerError
from router.clock import Clock
from router.outbox.message import Message

MOST_PAGES = 5
"""Pages of a provider's list gone through for one text."""

MOST_SECONDS = 10.0
"""How long after the first of them another page is still asked for: with the last answer it is less than a lease of the outbox."""


@attrs.frozen
class SmsChannel:
    """Sends texts by one provider account; a body goes out as given, however long it is."""

    carrier: Carrier
    line: Line
    clock: Clock

    async def send(self, message: Message) -> Outcome:
        """Hand *message* to the provider, once."""
        try:
            reply = await self.line.exchange(self.carrier.send(self._text(message)))
        except NeverReachedError as error:
            return NotReached(f"the provider was not reached: {error}")
        except NoAnswerError as error:
            return Unknown(f"the provider did not answer: {error}")
        return self.carrier.read_sent(reply)

    async def look_up(self, message: Message, since: float, taken: Callable[[str], bool]) -> Found:
        """Go through the provider's list of texts."""
        text = self._text(message)
        step: Found | RestRequest = self.carrier.search(text)
        begun = self.line.seconds()
        for _ in range(MOST_PAGES):
            if not isinstance(step, RestRequest) or self.line.seconds() - begun > MOST_SECONDS:
                break
            try:
                reply = await self.line.exchange(step)
            except (NeverReachedError, NoAnswerError) as error:
                return CannotTell(f"the provider could not be asked: {error}")
            step = self.carrier.read_found(text, since, taken, reply)
        return CannotTell("the provider has too many texts to go through") if isinstance(step, RestRequest) else step

    def _text(self, message: Message) -> OutgoingText:
        left = None if message.expires_at is None else max(0, int(message.expires_at - self.clock.now()))
        return OutgoingText(
            id=message.key,
            at=self.clock.now(),
            to=message.to,
            sender=message.sender,
            body=message.body,
            media=message.media,
            valid_for=left,
        )
