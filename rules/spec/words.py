"""A name, a duration, a secret: the small things a file is written with, and where each stands."""

from typing import Literal, NamedTuple

from rules.source import Mark


class Word(NamedTuple):
    """A name or value as written, and where."""

    text: str
    at: Mark


class Seconds(NamedTuple):
    """A duration (`20s`, `2m`, `72h`) in seconds, and where it was written."""

    value: int
    at: Mark


class Secret(NamedTuple):
    """Where a secret is kept, never the secret: `env:NAME` or `file:PATH`."""

    source: Literal["env", "file"]
    name: str
    at: Mark
