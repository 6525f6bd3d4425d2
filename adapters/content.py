"""What kind of body a request carries, read without a parser anyone could keep busy."""

from adapters.api import RawRequest, RefusedError

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def media_type(request: RawRequest) -> str:
    """Return the media type in lower case without its parameters; empty when the header is missing or stands twice."""
    return (request.header("content-type") or "").partition(";")[0].strip().lower()


def require(request: RawRequest, wanted: str) -> None:
    """Refuse with 415 a body that does not say it is *wanted*."""
    if media_type(request) != wanted:
        raise RefusedError(415, "content-type", f"the body must be {wanted}")
