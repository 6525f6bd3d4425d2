"""What went wrong with a connection, in a few words: what libraries say names hosts and addresses."""

from OpenSSL.SSL import Error as TlsError
from service_identity import VerificationError
from twisted.internet import error as reasons


class TooSlowError(Exception):
    """Nothing came in the time there was."""


class TooLargeError(Exception):
    """More came than we take."""


BROKE = "the connection broke"

_WORDS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (TooSlowError, "no answer in time"),
    (TooLargeError, "the answer is too large"),
    ((TlsError, VerificationError), "no encrypted connection came about; its certificate may not be in order"),
    ((reasons.DNSLookupError, reasons.UnknownHostError), "nobody knows its name"),
    (reasons.ConnectionRefusedError, "nobody listens there"),
    (reasons.ConnectionClosed, "the connection was closed"),
    (reasons.TimeoutError, "no connection in time"),
    (reasons.ConnectError, "it cannot be reached"),
)


def in_words(error: BaseException) -> str:
    """Say what *error* means."""
    causes = _causes(error)
    for kinds, words in _WORDS:
        if any(isinstance(each, kinds) for each in causes):
            return words
    return BROKE


def _causes(error: BaseException) -> list[BaseException]:
    """Return *error* and what is behind it, as twisted.web tells."""
    behind = [failure.value for failure in getattr(error, "reasons", None) or ()]
    return [error, *(cause for each in behind for cause in _causes(each))]
