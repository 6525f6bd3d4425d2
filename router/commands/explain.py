"""`switchhook explain`: what would happen, and why; one question, a stream of them, or a past decision told again."""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import click

from router.archive import Archive
from router.cli import Context
from router.clock import WallClock
from router.retelling import retell
from rules.book import Number, RuleBook
from rules.deciding import Timetable, window_around
from rules.event import Diversion, IncomingCall, IncomingText, Kind
from rules.inquiry import inquire
from rules.plan import Decision
from rules.source import closest
from rules.telling import as_json, in_words
from rules.when import read_when

TIMETABLES = 6


@attrs.frozen
class Question:
    """One imagined event: *to* a number or its name, *caller* as a provider would write it, *at* as a person writes it."""

    to: str
    caller: str
    kind: Kind
    text: str = ""
    at: str = "now"
    via: tuple[str, ...] = ()
    verified: bool | None = None


class Explainer:
    """Answers questions from one rule book; a moment outside the compiled window gets a window of its own."""

    def __init__(self, book: RuleBook, now: float) -> None:
        self.book = book
        self.now = datetime.fromtimestamp(now, UTC)
        self.timetables: list[Timetable] = []

    def number(self, to: str) -> Number | None:
        """Return the number *to* names, by its name or as a phone number."""
        return self.book.numbers.get(to) or self.book.find(to)

    def zone(self, to: str) -> ZoneInfo:
        """Return the zone in which a time for *to* is meant."""
        number = self.number(to)
        return number.zone if number else self.book.zone

    def decide(self, question: Question) -> Decision:
        """Decide as the daemon would, live facts (limits, opt-outs) aside; raise ValueError for a moment nobody can read."""
        number = self.number(question.to)
        moment = int(read_when(question.at, self.zone(question.to), self.now).timestamp())
        called = number.e164 if number else question.to
        provider = number.providers[question.kind] if number else ""
        happening: IncomingCall | IncomingText
        if question.kind == "call":
            happening = IncomingCall(
                provider=provider,
                account="",
                id="",
                to=called,
                caller=question.caller,
                diversions=tuple(Diversion(via) for via in question.via),
                verified=question.verified,
            )
        else:
            happening = IncomingText(
                provider=provider, account="", id="", to=called, caller=question.caller, text=question.text
            )
        return self.timetable(moment).decide(inquire(self.book, happening), moment)

    def timetable(self, moment: int) -> Timetable:
        """Return the book compiled for a window that covers *moment*."""
        for timetable in self.timetables:
            if timetable.covers(moment):
                return timetable
        made = Timetable(self.book, window_around(moment))
        self.timetables = [made, *self.timetables[: TIMETABLES - 1]]
        return made


@click.command()
@click.argument("decision", required=False, metavar="[ID]")
@click.option("--to", metavar="NUMBER", help="The business number called, by its name or as a phone number.")
@click.option("--from", "caller", metavar="CALLER", help="Who calls: a number, a name, or 'anonymous'.")
@click.option("--call", "is_call", is_flag=True, help="It is a call.")
@click.option("--text", metavar="BODY", help="It is a text with this body.")
@click.option("--at", default="now", metavar="WHEN", help="'sat 11:00', '2026-11-28 23:10', ISO with offset, or 'now'.")
@click.option("--via", multiple=True, metavar="NUMBER", help="A number the call was diverted from; may be repeated.")
@click.option("--verified/--not-verified", default=None, help="Whether the carrier attests the caller's number.")
@click.option(
    "--batch", type=click.Path(allow_dash=True), metavar="FILE", help="One JSON question a line; '-' is stdin."
)
@click.option("--reveal", is_flag=True, help="Show numbers of a past decision in full.")
@click.option("--json", "json_wanted", is_flag=True, help="One JSON value instead of words.")
@click.pass_obj
def explain(
    context: Context,
    *,
    decision: str | None,
    to: str | None,
    caller: str | None,
    is_call: bool,
    text: str | None,
    at: str,
    via: tuple[str, ...],
    verified: bool | None,
    batch: str | None,
    reveal: bool,
    json_wanted: bool,
) -> None:
    """
    Say what would happen to a call or text, and why.

    \b
      switchhook explain --to boston --from "+1 212 555 0177" --call --at "sat 11:00"
      switchhook explain --to boston --from "+1 212 555 0100" --text "Are you open?"
      switchhook explain 01K9Z3T0M6Q8R5K2W1D4          a past decision, from the audit
      switchhook explain --batch questions.jsonl       one decision a line
    """
    if decision:
        click.echo(retell(Archive(context.state_folder()), decision, reveal=reveal, as_json=json_wanted))
        return
    explainer = Explainer(context.book(), WallClock().now())
    if batch:
        with click.open_file(batch) as lines:
            answer_batch(explainer, lines)
        return
    if to is None or caller is None or is_call == (text is not None):
        raise click.UsageError("say --to and --from, and either --call or --text BODY")
    if explainer.number(to) is None and not any(char.isdigit() for char in to):
        meant = closest(to, list(explainer.book.numbers))
        raise click.BadParameter(
            f"there is no number called '{to}'" + (f"; did you mean '{meant}'?" if meant else ""), param_hint="--to"
        )
    kind: Kind = "call" if is_call else "text"
    try:
        found = explainer.decide(Question(to, caller, kind, text or "", at, via, verified))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--at") from None
    told = as_json(found)
    click.echo(json.dumps(told, ensure_ascii=False) if json_wanted else in_words(told, explainer.zone(to), caller))


def answer_batch(explainer: Explainer, lines: Iterable[str]) -> None:
    """Answer one JSON question a line with one JSON decision a line, as they come."""
    for answer in answers(explainer, lines):
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def answers(explainer: Explainer, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield a decision for each line, or `{"error": …}` in words for one that cannot be read; blank lines are passed over."""
    for line in lines:
        if not line.strip():
            continue
        try:
            yield as_json(explainer.decide(question(line)))
        except ValueError as error:
            yield {"error": str(error)}


def question(line: str) -> Question:
    """Read one line of a batch: `{"to", "from", "kind", "text"?, "at"?}`; raise ValueError with a sentence."""
    try:
        asked = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        raise ValueError("this line is no JSON object") from None
    if not isinstance(asked, dict) or not all(isinstance(asked.get(key), str) for key in ("to", "from", "kind")):
        raise ValueError("a question needs 'to', 'from' and 'kind', each a text")
    if asked["kind"] not in ("call", "text"):
        raise ValueError("'kind' is 'call' or 'text'")
    text, at = asked.get("text") or "", asked.get("at") or "now"
    if not isinstance(text, str) or not isinstance(at, str):
        raise ValueError("'text' and 'at' are texts")
    return Question(asked["to"], asked["from"], asked["kind"], text, at)
