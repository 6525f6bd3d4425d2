"""The switchboard as the admin listener shows it: JSON in, a code and JSON out."""

from collections.abc import Mapping

import attrs

from adapters.api import RefusedError
from adapters.strictjson import parse_object
from router.clock import Clock
from router.switchboard.chosen import chosen
from router.switchboard.standing import Json
from router.switchboard.switchboard import Switchboard
from rules.source import printable
from rules.spoken import UnclearError
from rules.switching import GoAway, Switch, going_away, switching

FIELDS = ("what", "target", "person", "cover", "only", "from", "until", "for", "by")
"""What may be said in a request; all texts."""

LONGEST = 200
"""Characters of one of them."""

SOMEBODY = "an administrator"

UNWRITTEN = "it is in force, but the disk cannot be written now: if switchhook ended, it would be forgotten"


@attrs.frozen(eq=False)
class Desk:
    """Answers requests about what is switched on; whoever asks has shown the token."""

    switchboard: Switchboard
    clock: Clock

    def listed(self) -> tuple[int, Json]:
        """Return everything that is switched on."""
        return 200, {"overrides": self.switchboard.listed()}

    async def set(self, body: bytes) -> tuple[int, Json]:
        """
        Switch on what *body* asks for: `{"what": "closed", "target": "boston", "for": "today"}`.

        `what` is `open`, `closed` or a plan, `target` a number (left out: the whole business); or `person`, `cover`, `only` for
        an absence. `for` or `until`, and `from`, in the words of the command line.
        """
        try:
            fields = _fields(body)
            done = self.switchboard.set(self._command(fields), by=fields.get("by", SOMEBODY))
        except UnclearError as error:
            return 422, {"error": str(error)}
        written = await self.switchboard.written(done.seq)
        answer: Json = {"id": done.standing.id, "told": list(done.lines), "written": written}
        return (201, answer) if written else (201, answer | {"note": UNWRITTEN})

    async def clear(self, target: str, *, person: bool) -> tuple[int, Json]:
        """End what *target* means: an id, a number, a plan, a person (always with *person*), or the business."""
        try:
            found = chosen(self.switchboard.register, target, person=person)
        except UnclearError as error:
            return 404, {"error": str(error)}
        told = [self.switchboard.headline(each) for each in found]
        seq = self.switchboard.cancel(found, by=SOMEBODY)
        written = await self.switchboard.written(seq)
        answer: Json = {"ended": [each.id for each in found], "told": told, "written": written}
        return (200, answer) if written else (200, answer | {"note": UNWRITTEN})

    def _command(self, fields: Mapping[str, str]) -> GoAway | Switch:
        book, now = self.switchboard.rules.current.book, int(self.clock.now())
        times = {"since": fields.get("from"), "until": fields.get("until"), "lasting": fields.get("for")}
        if "person" in fields:
            cover, only = fields.get("cover"), fields.get("only")
            return going_away(fields["person"], book=book, now=now, cover=cover, only=only, **times)
        if "what" not in fields:
            raise UnclearError("say what it is to be: open, closed or a plan (`what`), or who is away (`person`)")
        return switching(fields["what"], target=fields.get("target"), book=book, now=now, **times)


def _fields(body: bytes) -> dict[str, str]:
    """Read what was asked for; nulls are left out."""
    try:
        asked = parse_object(body)
    except RefusedError as error:
        example = '{"what": "closed", "target": "boston", "for": "today"}'
        raise UnclearError(f"{error.note}; write a JSON object such as {example}") from None
    given = {name: value for name, value in asked.items() if value is not None}
    for name, value in given.items():
        if name not in FIELDS:
            raise UnclearError(f"there is no field '{printable(name[:LONGEST])}'; there are: {', '.join(FIELDS)}")
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST or printable(value) != value:
            raise UnclearError(f"'{name}' must be a short text")
    return given
