"""Writing tests of what the rules decide today: a beginning for an administrator, to be kept, named and changed."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import attrs

from rules.book import Number, RuleBook
from rules.cases.coverage import rule_names
from rules.cases.seen import Seen, see
from rules.dates import DAY
from rules.deciding import Timetable, window_around
from rules.explore import KINDS, Explorer, Leaf
from rules.filling import in_words
from rules.plan import Step
from rules.spaces import Space
from rules.spec import FileSpec
from rules.timeline import Timeline, Window
from rules.when import read_when

DAYS = 14
"""How far the recording looks ahead."""

MOST_WAYS = 4
"""How many ways in which one rule goes are written down, those that hold longest."""

_PLAIN = re.compile(r"[A-Za-z][\w .-]*[\w.]")
_WORDS = {"yes", "no", "on", "off", "true", "false", "null", "none"}


def record(book: RuleBook, spec: FileSpec, now: int) -> str:
    """
    Return a file of tests of what *book* (made of *spec*) decides within two weeks of *now* (UTC epoch seconds).

    For every rule and block that is reached: its plainest caller, the ways it goes that hold longest, and of each the first
    and the last second.
    """
    recorder = _Recorder(book, Timetable(book, window_around(now)), Explorer(book, spec, Window(now, now + DAYS * DAY)))
    tests = [test for number in book.numbers.values() for test in recorder.tests(number)]
    return "\n".join(["tests:" if tests else "tests: []", *tests]) + "\n"


@attrs.frozen
class _Recorder:
    """What is known while tests are written."""

    book: RuleBook
    timetable: Timetable
    explorer: Explorer

    def tests(self, number: Number) -> Iterator[str]:
        """Yield the tests of one number."""
        wanted = set(rule_names(self.book))
        for kind in KINDS:
            order = {(space.caller, space.said): at for at, space in enumerate(self.explorer.spaces.of(number, kind))}
            ways: dict[str, list[Leaf]] = {}
            for leaf in self.explorer.of(number.name, kind):
                if leaf.verdict.rule in wanted and leaf.times.edges:
                    ways.setdefault(leaf.verdict.rule, []).append(leaf)
            for leaves in ways.values():
                plainest = min(order[space.caller, space.said] for leaf in leaves for space in leaf.spaces)
                found = [
                    (space, leaf)
                    for leaf in leaves
                    for space in leaf.spaces
                    if order[space.caller, space.said] == plainest
                ]
                yield from self.rule(number, found)

    def rule(self, number: Number, found: list[tuple[Space, Leaf]]) -> Iterator[str]:
        """Yield the tests of one rule and caller: its first whole stretch, then each way in which it goes meanwhile."""
        space, leaf = found[0]
        ways = [each.times for each in _longest([leaf for _, leaf in found])]
        whole = Timeline.of(span for _, each in found for span in each.times.spans())
        stretches = dict.fromkeys(self.stretch(times) for times in (whole, *ways))
        yield from (self.test(number, space, leaf.verdict.rule, start, end) for start, end in stretches)

    def stretch(self, times: Timeline) -> tuple[int, int]:
        """Return the first span that both begins and ends within the window, or the first of all."""
        window = self.explorer.window
        spans = list(times.spans())
        return next((span for span in spans if window.start < span[0] and span[1] < window.end), spans[0])

    def test(self, number: Number, space: Space, rule: str, start: int, end: int) -> str:
        """Write one test: the first and the last second of a stretch."""
        moments = [start] if end - start == 1 else [start, end - 1]
        expected = [_expected(space, self.seen(space, moment)) for moment in moments]
        title = f"{rule}, {space.caller}" + (f", {space.said}" if space.said else "")
        title += f", from {in_words(start, number.zone)}"
        at = ", ".join(written(moment, number.zone) for moment in moments)
        alike = expected[0] if len(set(expected)) == 1 else f"[{', '.join(expected)}]"
        lines = [f"name: {scalar(title)}", f"at: [{at}]", _event(number, space), f"expect: {alike}"]
        return "  - " + "\n    ".join(lines)

    def seen(self, space: Space, moment: int) -> Seen:
        """Decide, as a test will."""
        decision = self.timetable.decide(space.inquiry, moment)
        return see(self.book, decision, space.inquiry.caller, ())


def _longest(leaves: list[Leaf]) -> list[Leaf]:
    """Return those that hold longest, one for each plan, in the order in which they come to pass."""
    by_plan: dict[tuple[Step, ...], Leaf] = {}
    for leaf in sorted(leaves, key=lambda leaf: -leaf.seconds):
        by_plan.setdefault(leaf.verdict.plan, leaf)
    return sorted([*by_plan.values()][:MOST_WAYS], key=lambda leaf: leaf.times.edges[0])


def _event(number: Number, space: Space) -> str:
    """Write the call or text of *space*."""
    said = [f"to: {scalar(number.name)}", f"from: {json.dumps(space.inquiry.caller.raw)}"]
    if space.kind == "text":
        return f"text: {{{', '.join([*said, f'body: {scalar(space.said)}'])}}}"
    over = [scalar(min(number.vias[fact])) for fact in space.inquiry.facts if fact in number.vias]
    said += [f"via: [{', '.join(over)}]"] if over else []
    said += ["verified: yes"] if space.caller.endswith(", attested") else []
    return f"call: {{{', '.join(said)}}}"


def _expected(space: Space, seen: Seen) -> str:
    """Write what a caller or sender notices: who is rung and where it ends, or where a text goes and what is answered."""
    said = [f"rule: {scalar(seen.rule)}"]
    if space.kind == "call":
        said.append(f"tries: {_rounds(seen)}")
        said.append(f"voicemail: {scalar(seen.voicemail)}" if seen.voicemail else f"ends: {seen.ends}")
    else:
        if seen.delivers:
            said.append(f"delivers: [{', '.join(map(scalar, seen.delivers))}]")
        said.append(f"holds: {scalar(seen.holds) if seen.holds else 'none'}")
        said.append(f"replies: {scalar(seen.replies) if seen.replies else 'none'}")
    return f"{{{', '.join(said)}}}"


def _rounds(seen: Seen) -> str:
    if not seen.tries:
        return "none"
    return f"[{', '.join('[' + ', '.join(map(scalar, people)) + ']' for people in seen.tries)}]"


def scalar(text: str) -> str:
    """Write *text* as YAML that every reader takes for a text."""
    plain = _PLAIN.fullmatch(text) and text.casefold() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)


def written(moment: int, place: ZoneInfo) -> str:
    """Write *moment* (UTC epoch seconds) as the clock of *place* reads it; with its offset where the clock reads so twice."""
    local = datetime.fromtimestamp(moment, UTC).astimezone(place)
    text = f"{local:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
    read = read_when(text, place, datetime.fromtimestamp(moment, UTC))
    return text if int(read.timestamp()) == moment else local.isoformat()
