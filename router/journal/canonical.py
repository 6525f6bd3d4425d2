"""The one way the journal writes JSON: UTF-8, sorted keys, no spaces, no floats."""

from typing import Any

from router.encoder import encoder


def _refuse(value: object) -> Any:
    raise TypeError(f"{value!r} cannot stand in the journal")


encoded = encoder(ascii_only=False, sort_keys=True, allow_nan=False, default=_refuse)
"""Write a value as `canonical` does, still as text."""


def canonical(value: Any) -> bytes:
    """
    Write *value* the one way the journal writes JSON. Half a surrogate pair, which UTF-8 cannot hold, becomes `?`.

    Floats have no one way to be written and must not occur. They are not looked for here, since looking costs a third of
    the writing: the tests read every journal they make with a parser that refuses them.
    """
    return encoded(value).encode("utf-8", "replace")
