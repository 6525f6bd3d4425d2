"""One thing switched on by hand, and the register of all of them: a projection of the journal's records."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import attrs

from router.clock import iso_seconds
from router.journal.record import Record
from rules.book import RuleBook
from rules.ends import moment_in_words
from rules.event import Kind
from rules.inquiry import Leave, Override
from rules.switching import GoAway, Switch, zone_of

RECORD = "override"
"""The kind of their records."""

Action = Literal["set", "cancel", "end", "remind"]
Json = dict[str, Any]

_DAY = 86400
_KINDS: Mapping[str | None, str | None] = {"call": "calls", "text": "texts", None: None}
_ONLY: Mapping[str | None, Kind | None] = {"calls": "call", "texts": "text", None: None}


@attrs.frozen(kw_only=True)
class Standing:
    """
    Something that is switched on for `[since, until)` (UTC epoch seconds), now or later.

    *what* is `open`, `closed`, `plan` (the one called *plan*) or `away`. It is for a *number* (None: the whole business), an
    absence for a *person*, whom *cover* stands in for (None: their own cover). *by* is who switched it, in words; *cause* the
    text that asked for it. *id* is `o` and the number of the record that set it, so a higher one is newer.
    """

    id: str
    what: Literal["open", "closed", "plan", "away"]
    number: str | None = None
    person: str | None = None
    plan: str | None = None
    cover: str | None = None
    only: Kind | None = None
    since: int
    until: int
    by: str
    cause: str | None = None
    reminded: bool = False

    @classmethod
    def of(cls, command: "GoAway | Switch", *, seq: int, by: str, cause: str | None) -> "Standing":
        """Make what *command* asks for; *seq* is the number its record will have."""
        id_ = f"o{seq}"
        if isinstance(command, GoAway):
            return cls(
                id=id_,
                what="away",
                person=command.person,
                cover=command.cover,
                only=command.only,
                since=command.since,
                until=command.until,
                by=by,
                cause=cause,
            )
        return cls(
            id=id_,
            what=command.what,
            number=command.number,
            plan=command.plan,
            since=command.since,
            until=command.until,
            by=by,
            cause=cause,
        )

    @property
    def age(self) -> int:
        """By which the newer of two is told: higher is newer."""
        return int(self.id[1:])

    def in_force(self, at: float) -> bool:
        """Say whether it is on at a moment (UTC epoch seconds)."""
        return self.since <= at < self.until

    @property
    def remind_at(self) -> int | None:
        """When somebody should be reminded of it: at four fifths of its length, if it lasts a day or longer."""
        length = self.until - self.since
        return self.since + length * 4 // 5 if length >= _DAY and not self.reminded else None

    def public(self, action: Action, outcome: str, by: str | None = None) -> Json:
        """Return the public part of the record of *action*; *by* is who does that, if not whoever switched it on."""
        return {
            "id": self.id,
            "action": action,
            "what": self.what,
            "number": self.number,
            "person": self.person,
            "plan": self.plan,
            "cover": self.cover,
            "only": _KINDS[self.only],
            "since": iso_seconds(self.since),
            "until": iso_seconds(self.until),
            "by": by or self.by,
            "set_by": self.by,
            "cause": self.cause,
            "outcome": outcome,
        }

    @classmethod
    def from_public(cls, public: Json) -> "Standing":
        """Read what `public` wrote."""
        return cls(
            id=public["id"],
            what=public["what"],
            number=public["number"],
            person=public["person"],
            plan=public["plan"],
            cover=public["cover"],
            only=_ONLY[public["only"]],
            since=_moment(public["since"]),
            until=_moment(public["until"]),
            by=public["set_by"],
            cause=public["cause"],
            reminded=public["action"] == "remind",
        )

    # ---------------------------------------------------------------- for the rules

    def missing(self, book: RuleBook) -> str | None:
        """Name what it needs and *book* no longer has; None when it can be applied."""
        directory, plans = book.directory, book.common.plans
        if self.number is not None and self.number not in book.numbers:
            return f"there is no number {self.number} any more"
        if self.plan is not None and self.plan not in plans:
            return f"there is no plan {self.plan} any more"
        if self.person is not None and self.person not in directory.people:
            return f"there is nobody called {self.person} any more"
        return None

    def switched(self, book: RuleBook) -> Override | Leave:
        """Return what `decide` is told of it."""
        end = moment_in_words(self.until, self.zone(book))
        if self.person is None:
            opens = {"open": True, "closed": False}.get(self.what)
            note = f"by {self.by} until {end}"
            return Override(f"override:{self.id}", (self.since, self.until), self.number, self.plan, opens, note)
        return Leave(
            question=f"away:{self.person}:command:{self.id}",
            person=self.person,
            spans=((self.since, self.until),),
            cover=self.cover if self.cover in (*book.directory.people, *book.directory.teams) else None,
            only=self.only,
            note=f"switched on by {self.by} until {end}",
        )

    def zone(self, book: RuleBook) -> Any:
        """Return the zone its times are told in: of the person, of the number, else of the business."""
        person = book.directory.people.get(self.person or "")
        return person.zone if person else zone_of(book, self.number)


@attrs.define(eq=False)
class Register:
    """Everything that is switched on now or later, by id."""

    all: dict[str, Standing] = attrs.field(factory=dict)

    def follow(self, record: Record) -> None:
        """Take up what *record* says; records must come in order."""
        public = record.public
        if record.kind != RECORD or public.get("action") not in ("set", "remind", "cancel", "end"):
            return
        if public["action"] in ("cancel", "end"):
            self.all.pop(public["id"], None)
        else:
            self.all[public["id"]] = Standing.from_public(public)

    def newest_first(self) -> list[Standing]:
        """Return all of them, those that go before others first."""
        return sorted(self.all.values(), key=lambda each: -each.age)

    def because_of(self, cause: str | None) -> Standing | None:
        """Return what a text has switched on already."""
        return next((each for each in self.all.values() if cause is not None and each.cause == cause), None)


def _moment(written: str) -> int:
    return int(datetime.fromisoformat(written).timestamp())
