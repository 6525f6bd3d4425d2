"""What became of a message handed to a provider, in our words; and what a look-up for it says."""

import attrs


@attrs.frozen
class Sent:
    """It was taken; *reference* is the provider's id, by which receipts speak of it ("" when there is none)."""

    reference: str = attrs.field(repr=False)


@attrs.frozen
class Refused:
    """
    It was not taken, and that is certain.

    *reason* is a few words of ours (with the provider's code): no number, no address, nothing of the text stands in it.
    *permanent*: the same again would be refused again. *retry_after*: seconds the provider asks us to wait with everything.
    *opted_out*: the recipient wants no texts from this number.
    """

    reason: str
    permanent: bool = False
    retry_after: float | None = None
    opted_out: bool = False


@attrs.frozen
class NotReached:
    """Nobody was reached (no address, no connection, no handshake): nothing of it can have been taken."""

    reason: str


@attrs.frozen
class Unknown:
    """It may have been taken: bytes went out, and what came back does not say (nothing, a cut, a server's error, nonsense)."""

    reason: str


Outcome = Sent | Refused | NotReached | Unknown


@attrs.frozen
class NotThere:
    """The provider can say which messages it has, and this one is not among them."""


@attrs.frozen
class CannotTell:
    """Nobody can say whether the provider has it: it was not reached, or has no way to be asked."""

    reason: str


Found = Sent | NotThere | CannotTell
