"""From the text of a tests file to tests that can be run; every mistake told with its place, all at once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import attrs

from rules.book import Number, RuleBook
from rules.cases.case import Case, Check, Want
from rules.cases.fields import FILE, Told, Written
from rules.cases.names import Names
from rules.cases.vocabulary import BY_KEY
from rules.decode import quote
from rules.event import Diversion, IncomingCall, IncomingText, Kind, Result
from rules.source import Mark, Problem, Report
from rules.spec import Word
from rules.when import HINT, read_when
from rules.yamltree import read_tree
from rules.zones import closest_zone, zone

EARLIEST, LATEST = 0, 7_258_118_400
"""The moments a test may be about, UTC epoch seconds: from 1970 to 2200."""

_TOP = "begin with `tests:` at the left margin, and under it `- name: …`"


def read_cases(name: str, data: bytes, book: RuleBook, now: int, report: Report) -> tuple[Case, ...]:
    """
    Read the tests file *name* for *book*; what is wrong goes to *report*, and the tests that are right are returned.

    *now* (UTC epoch seconds) is what `sat 11:00` and `now` are counted from.
    """
    tree = read_tree(name, data, report, what="a file of tests has the keys `timezone` and `tests`", hint=_TOP)
    values = FILE.read("tests", tree, report) if tree is not None else None
    if values is None:
        return ()
    told = Told(report)
    reader = _Reader(book, datetime.fromtimestamp(now, UTC), _zone(values["timezone"], told), Names(book, told), told)
    return tuple(reader.cases(values["tests"]))


def _zone(word: Word | None, report: Report) -> ZoneInfo | None:
    """Return the zone of the file's moments, or None when it does not say, or not well."""
    found = zone(word.text) if word else None
    if word and found is None:
        near = closest_zone(word.text)
        hint = f"did you mean '{near}'?" if near else "write a zone with a city, such as America/New_York"
        report(Problem("unknown-name", f"there is no time zone {quote(word.text)}", word.at, hint))
    return found


@attrs.frozen
class _Expected:
    """What is written under `expect` for one moment."""

    wants: tuple[tuple[str, Want], ...]
    after: tuple[Result, ...]
    at: Mark

    def wants_refusal(self) -> bool:
        """Whether it expects that the number is none of ours."""
        return any(key == "rule" and want.value == "refused" for key, want in self.wants)


@attrs.frozen
class _Reader:
    """What is known while one file is read."""

    book: RuleBook
    now: datetime
    zone: ZoneInfo | None
    names: Names
    told: Told

    def cases(self, written: tuple[Written, ...]) -> Iterator[Case]:
        """Yield the tests that are right."""
        for said in written:
            before = self.told.count
            made = self.case(said)
            if made is not None and not said.flawed and self.told.count == before:
                yield made

    def case(self, said: Written) -> Case | None:
        """Make one test of what is written; None when it cannot be told what it is about."""
        expected = [self.expected(each, said["after"]) for each in said["expect"]]
        if said["override"]:
            self.names.override(said["override"])
        if len(said.keys & {"call", "text"}) != 1:
            hint = "write either `call: {to: …, from: …}` or `text: {to: …, from: …, body: …}`"
            self.told(Problem("two-in-one", "a test is about one call or one text", said.at, hint))
            return None
        event = said["call"] or said["text"]
        if event is None:
            return None
        refused = any(each.wants_refusal() for each in expected)
        number = self.names.number(event["to"], refused=refused)
        self.names.caller(event["from"])
        moments = [self.moment(word, number) for word in said["at"]]
        return Case(
            name=said["name"].text,
            at=said["name"].at,
            event=self.event(event, number),
            override=said["override"].text if said["override"] else None,
            checks=tuple(self.paired(moments, said["at"], expected)),
        )

    def expected(self, said: Written, after: tuple[Result, ...]) -> _Expected:
        """Check one expectation: it names something, and every name in it is known."""
        if not said.keys - {"after"}:
            hint = "name what matters, such as {rule: NAME} or {rings: [NAME]}"
            self.told(Problem("missing-key", "`expect` expects nothing", said.at, hint))
        wants = tuple((key, said[key]) for key in BY_KEY if said[key] is not None)
        for key, want in wants:
            self.names.want(BY_KEY[key].named, want)
        return _Expected(wants, said["after"] or after, said.at)

    def moment(self, word: Word, number: Number | None) -> int:
        """Read one moment in the zone of the file, else of the number."""
        place = self.zone or (number.zone if number else self.book.zone)
        try:
            moment = int(read_when(word.text, place, self.now).timestamp())
        except ValueError:
            self.told(Problem("bad-value", f"{quote(word.text)} is no moment we can read", word.at, HINT))
            return EARLIEST
        if not EARLIEST <= moment < LATEST:
            self.told(Problem("bad-value", f"{quote(word.text)} is too far away", word.at, "write a year before 2200"))
        return moment

    def paired(self, moments: list[int], written: tuple[Word, ...], expected: list[_Expected]) -> Iterator[Check]:
        """Yield each moment with what is expected then: one expectation for all, one each, or several of one moment."""
        if len(moments) != len(expected) and min(len(moments), len(expected)) > 1:
            message = f"{len(moments)} moments and {len(expected)} expectations do not go together"
            hint = "write one expectation for all moments, or one for each"
            self.told(Problem("bad-value", message, expected[0].at, hint))
            return
        for index in range(max(len(moments), len(expected)) if moments and expected else 0):
            at = index if len(moments) > 1 else 0
            wanted = expected[index if len(expected) > 1 else 0]
            yield Check(moments[at], written[at].text, wanted.after, wanted.wants, wanted.at)

    def event(self, said: Written, number: Number | None) -> IncomingCall | IncomingText:
        """Make the call or text as the number's provider would bring it."""
        kind: Kind = "text" if "body" in said.values else "call"
        common = {
            "provider": number.providers[kind] if number else "",
            "account": "",
            "id": "",
            "to": number.e164 if number else said["to"].text,
            "caller": said["from"].text,
        }
        if kind == "text":
            return IncomingText(**common, text=said["body"].text)
        hops = tuple(Diversion(self.names.hop(word.text)) for word in said["via"])
        return IncomingCall(**common, diversions=hops, verified=said["verified"])
