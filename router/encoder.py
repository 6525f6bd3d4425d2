"""JSON written by one C encoder that is kept, instead of one built for each text as `json.dumps` does."""

import json
import json.encoder
from collections.abc import Callable, Iterable
from typing import Any

quoted: Callable[[str], str] = json.encoder.encode_basestring
"""Write a text as JSON, everything but quotes, backslashes and control characters as it is."""


def encoder(
    *, ascii_only: bool, sort_keys: bool, allow_nan: bool, default: Callable[[Any], Any]
) -> Callable[[Any], str]:
    """
    Return the quickest encoder there is, without spaces.

    *default* says what takes the place of a value JSON does not know, or raises. Circles are not looked for.
    """
    make: Any = getattr(json.encoder, "c_make_encoder", None)
    if make is None:  # a Python without the C accelerator
        return json.JSONEncoder(
            ensure_ascii=ascii_only,
            sort_keys=sort_keys,
            separators=(",", ":"),
            allow_nan=allow_nan,
            default=default,
            check_circular=False,
        ).encode
    text = json.encoder.encode_basestring_ascii if ascii_only else json.encoder.encode_basestring
    pieces: Callable[[Any, int], Iterable[str]] = make(None, default, text, None, ":", ",", sort_keys, False, allow_nan)
    return lambda value: "".join(pieces(value, 0))
