"""What is said to a request that cannot be served, and the one error a parser of this package raises."""

import attrs

REASONS = {
    100: "Trying",
    200: "OK",
    202: "Accepted",
    302: "Moved Temporarily",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    486: "Busy Here",
    487: "Request Terminated",
    500: "Server Internal Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "Version Not Supported",
    513: "Message Too Large",
    603: "Decline",
}
"""The reason phrases of RFC 3261 section 21 and RFC 3428 for every code that is sent."""


class MalformedError(ValueError):
    """
    A text is not what the grammar asks for.

    *what* names the part in a few words of our own (`several CSeq`, `port`), never in the sender's, so that it may stand
    in a reason phrase and in a log.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@attrs.frozen
class Refusal:
    """
    A final answer that needs no rule: *code*, *reason* phrase, and the *headers* it has besides those of every answer.

    Names of *headers* are spelled as they go out; their values hold nothing of the request but tokens.
    """

    code: int
    reason: str
    headers: tuple[tuple[str, str], ...] = ()


def refuse(code: int, what: str = "", *headers: tuple[str, str]) -> Refusal:
    """Build a refusal with the phrase of the RFC, and *what* is wrong behind it: `Bad Request - several CSeq`."""
    return Refusal(code, f"{REASONS[code]} - {what}" if what else REASONS[code], headers)
