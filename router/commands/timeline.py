"""`switchhook timeline`: when the answer changes for one caller; or the picture of a week."""

import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import click

from router.cli import Context, Failure
from router.clock import WallClock
from router.masking import mask
from router.picture.html import page
from router.picture.scene import Scene, scene_of
from router.picture.svg import drawing
from router.picture.terminal import poster
from rules.book import Number, RuleBook
from rules.course import course
from rules.deciding import BEHIND, MARGIN, Timetable
from rules.event import IncomingCall, IncomingText, Kind
from rules.explore import Explorer
from rules.inquiry import Inquiry, inquire
from rules.load import Loaded
from rules.source import closest
from rules.spaces import Space
from rules.telltimeline import in_words, turn_json
from rules.timeline import Window
from rules.week import Week, week_of
from rules.when import read_when

DAY = 86400
LONGEST = 1500


@click.command()
@click.option("--to", metavar="NUMBER", help="The business number called, by its name or as a phone number.")
@click.option("--from", "caller", metavar="CALLER", help="Who calls: a number, a name, or 'anonymous'.")
@click.option("--call", "is_call", is_flag=True, help="It is a call.")
@click.option("--text", metavar="BODY", help="It is a text with this body.")
@click.option("--days", type=click.IntRange(1, LONGEST), default=7, show_default=True, help="How far to look ahead.")
@click.option("--now", default="now", metavar="WHEN", help="Where to begin: '2026-11-28 23:10', 'sat 11:00', 'now'.")
@click.option("--week", is_flag=True, help="Draw who answers each number and who is in, here in the terminal.")
@click.option(
    "--svg", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Draw it into an SVG file."
)
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Draw it into a page.")
@click.option("--json", "json_wanted", is_flag=True, help="One JSON value instead of words.")
@click.pass_obj
def timeline(
    context: Context,
    *,
    to: str | None,
    caller: str | None,
    is_call: bool,
    text: str | None,
    days: int,
    now: str,
    week: bool,
    svg: Path | None,
    html: Path | None,
    json_wanted: bool,
) -> None:
    """
    Say when the answer changes for one caller; or draw the week of the whole business.

    A picture is of ordinary calls to every number, unless --to, --from or --text say otherwise.

    \b
      switchhook timeline --to boston --from "+1 212 555 0177" --call
      switchhook timeline --week
      switchhook timeline --html week.html --now "2026-12-21 00:00"
    """
    loaded = context.load()
    if loaded.book is None:
        context.refuse(loaded)
    book = loaded.book
    number = number_named(book, to) if to is not None else None
    moment = moment_of(now, number.zone if number else book.zone)
    kind: Kind = "call" if text is None else "text"
    if is_call and text is not None:
        raise click.UsageError("say either --call or --text BODY")
    if week or svg or html:
        numbers = [number] if number else list(book.numbers.values())
        scene = scene_of(week_from(loaded, numbers, Asked(kind, caller, text), moment, days), told_caller(caller))
        show(scene, week=week, svg=svg, html=html)
        return
    if number is None or caller is None or is_call == (text is not None):
        raise click.UsageError("say --to and --from, and either --call or --text BODY; or --week, --svg or --html")
    explorer = explorer_of(loaded, Window(moment, moment + days * DAY))
    inquiry = inquiry_of(book, number, Asked(kind, caller, text))
    turns = list(course(explorer, inquiry))
    if json_wanted:
        click.echo(json.dumps([turn_json(turn) for turn in turns], ensure_ascii=False, indent=2))
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        click.echo(in_words(inquiry, turns, width))


@attrs.frozen
class Asked:
    """What is imagined: a call or text, from *caller* (None: an ordinary number), saying *text*."""

    kind: Kind
    caller: str | None
    text: str | None


def number_named(book: RuleBook, to: str) -> Number:
    """Return the number *to* names, by its name or as a phone number; wrong usage when there is none."""
    number = book.numbers.get(to) or book.find(to)
    if number is None:
        meant = closest(to, list(book.numbers))
        hint = f"; did you mean '{meant}'?" if meant else ""
        raise click.BadParameter(f"there is no number called '{to}'{hint}", param_hint="--to")
    return number


def moment_of(now: str, zone: ZoneInfo) -> int:
    """Return the moment to begin at, a whole minute (UTC epoch seconds)."""
    try:
        moment = int(read_when(now, zone, datetime.fromtimestamp(WallClock().now(), UTC)).timestamp())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--now") from None
    return moment - moment % 60


def explorer_of(loaded: Loaded, window: Window) -> Explorer:
    """Look at the book in *window*, compiled far enough around it to know the next opening at its end."""
    assert loaded.book is not None
    assert loaded.spec is not None
    around = Window(window.start - BEHIND, window.end + MARGIN)
    return Explorer(loaded.book, loaded.spec, window, Timetable(loaded.book, around))


def inquiry_of(book: RuleBook, number: Number, asked: Asked) -> Inquiry:
    """Put what is imagined in the words of the book."""
    caller, provider = asked.caller or "", number.providers[asked.kind]
    happening: IncomingCall | IncomingText
    if asked.kind == "call":
        happening = IncomingCall(provider=provider, account="", id="", to=number.e164, caller=caller)
    else:
        happening = IncomingText(
            provider=provider, account="", id="", to=number.e164, caller=caller, text=asked.text or ""
        )
    return inquire(book, happening)


# ---------------------------------------------------------------- the picture


def told_caller(caller: str | None) -> str:
    """Say in words for whom a picture is drawn."""
    return mask(caller) if caller else "an ordinary number"


def week_from(loaded: Loaded, numbers: list[Number], asked: Asked, at: int, days: int) -> Week:
    """Make the week that *at* begins in, for each of *numbers*."""
    explorer = explorer_of(loaded, Window(at - 2 * DAY, at + (days + 2) * DAY))
    spaces = {number.name: space_of(explorer, number, asked) for number in numbers}
    return week_of(explorer, asked.kind, spaces, at, days)


def space_of(explorer: Explorer, number: Number, asked: Asked) -> Space:
    """Return the kind of event a number is drawn for: the plainest, unless a caller or a text is named."""
    plainest = explorer.spaces.of(number, asked.kind)[0]
    caller = asked.caller or plainest.example
    inquiry = inquiry_of(explorer.book, number, attrs.evolve(asked, caller=caller))
    return Space(number.name, asked.kind, "", "", caller, inquiry, inquiry.truths())


def show(scene: Scene, *, week: bool, svg: Path | None, html: Path | None) -> None:
    """Draw *scene* wherever it is wanted."""
    for file, draw in ((svg, drawing), (html, page)):
        if file is not None:
            try:
                file.write_text(draw(scene), "utf-8")
            except OSError as error:
                raise Failure(f"{file}: cannot be written: {(error.strerror or str(error)).lower()}") from error
            click.echo(f"{file}: drawn", err=True)
    if week:
        width = shutil.get_terminal_size((110, 40)).columns
        click.echo(poster(scene, width, colours=sys.stdout.isatty()))
