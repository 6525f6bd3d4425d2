"""Values that stand in several sections: secrets, dates of holidays, excuses, greetings."""

import re
from datetime import date

from rules import fragments
from rules.dates import read_date
from rules.decode import TEXT, Field, Kind, Shape, bad_value, one_or_more, quote, text, word_choice, wrong_shape
from rules.source import Problem, Report
from rules.spec import Greeting, PlaySpec, SaySpec, Secret, Word
from rules.yamltree import Mapping, Node, Scalar

_SECRET = re.compile(r"(env):([A-Za-z_][A-Za-z0-9_]*)|(file):(.+)")


def _read_secret(key: str, node: Node, report: Report) -> Secret | None:
    if not isinstance(node, Scalar) or not node.text:
        report(wrong_shape(key, SECRET.wants, node))
        return None
    match = _SECRET.fullmatch(node.text)
    if match and match[1]:
        return Secret("env", match[2], node.at)
    if match:
        return Secret("file", match[4], node.at)
    hint = "keep it in an environment variable or a file, and write env:NAME or file:PATH here"
    report(Problem("secret-in-file", f"`{key}` must not stand in this file itself", node.at, hint))
    return None


SECRET: Kind[Secret] = Kind("env:NAME or file:PATH", _read_secret, fragment=fragments.text(fragments.SECRET))
SECRETS = one_or_more(SECRET, "env:NAME or file:PATH, or a list of them")


def _read_added(key: str, node: Node, report: Report) -> tuple[tuple[date, Word], ...] | None:
    if not isinstance(node, Mapping):
        report(wrong_shape(key, ADDED.wants, node, "write {2026-11-27: Day after Thanksgiving}"))
        return None
    found = []
    for name, value in node.entries:
        day = read_date(name.text)
        called = TEXT.read(name.text, value, report)
        if day is None:
            report(Problem("impossible-date", f"there is no date {quote(name.text)}", name.at, "write 2026-11-27"))
        elif called is not None:
            found.append((day, called))
    return tuple(found)


ADDED: Kind[tuple[tuple[date, Word], ...]] = Kind(
    "dates with their names",
    _read_added,
    fragment={"type": "object", "patternProperties": {fragments.DATE: TEXT.fragment}, "additionalProperties": False},
)

EVEN_IF = one_or_more(word_choice("away", "off-hours"), "away, off-hours or both in a list")

_GREETING = Shape(
    "a greeting",
    (
        Field("say", text("the words to speak"), "the words to speak"),
        Field("play", text("a sound file or an https address", fragments.SOUND), "a sound file or an https address"),
    ),
)


def _read_greeting(key: str, node: Node, report: Report) -> Greeting | None:
    if not isinstance(node, Mapping):
        report(wrong_shape(key, "words to speak or a sound file", node, "write {say: …} or {play: FILE}"))
        return None
    values = _GREETING.read(key, node, report)
    said, played = (values["say"], values["play"]) if values else (None, None)
    if (said and played) or not node.entries:
        report(bad_value(key, node, "either `say` or `play`"))
    if said:
        return SaySpec(said, node.at)
    return PlaySpec(played, node.at) if played else None


GREETING: Kind[Greeting] = Kind(
    "{say: …} or {play: FILE}",
    _read_greeting,
    fragment={**_GREETING.fragment(), "minProperties": 1, "maxProperties": 1},
)
