"""The one way the journal writes JSON: UTF-8, sorted keys, no spaces, no floats."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import orjson


def canonical(value: Any) -> bytes:
    """
    Write *value* the one way the journal writes JSON. Half a surrogate pair, which UTF-8 cannot hold, becomes `?`.

    Raises `TypeError` for what is no JSON, and for whole numbers of more than 64 bits, which not every reader keeps whole.
    Floats have no one way to be written and must not occur. They are not looked for here, since looking costs as much as
    the writing: the tests read every journal they make with a parser that refuses them.
    """
    try:
        return _dumps(value)
    except TypeError:
        return _dumps(_in_utf8(value))


def canonical_each(values: Sequence[Any]) -> tuple[bytes, ...]:
    """Write each of *values* so: a dozen small ones for half of what it takes one by one."""
    try:
        return tuple(map(_dumps, values))
    except TypeError:
        return tuple(map(canonical, values))


def _plain(value: object) -> Any:
    """Return what stands for *value*: a list for a named tuple, nothing for what is no JSON."""
    if isinstance(value, tuple):
        return list(value)
    raise TypeError(f"{value!r} cannot stand in the journal")


_dumps: Callable[[Any], bytes] = partial(
    orjson.dumps,
    default=_plain,
    option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS,
)


def _in_utf8(value: Any) -> Any:
    """Return *value* with every text in it as UTF-8 can hold it."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case dict():
            return {_in_utf8(name): _in_utf8(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_in_utf8(inner) for inner in value]
    return value
