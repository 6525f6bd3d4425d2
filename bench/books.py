"""Rule files of any size, as a company of that size would write them; the same size gives the same file."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import attrs

from bench.traffic import PUBLIC_URL

EXAMPLE = Path(__file__).parent.parent / "config.example.yaml"

_HEAD = """\
version: 1
listen: {{public: "127.0.0.1:{public}", admin: "127.0.0.1:{admin}"}}
public_url: {url}
state: state
providers:
  twilio: {{adapter: twilio, account: env:TWILIO_ACCOUNT_SID, secret: env:TWILIO_AUTH_TOKEN, api: "http://127.0.0.1:9"}}
  pbx: {{adapter: generic, secret: env:TWILIO_AUTH_TOKEN}}
safety: {{countries: [US], max_forwards_per_hour: 100000}}
failsafe: {{say: "Sorry, we cannot connect you right now.", voicemail: box-0}}
business: {{name: Bench & Co, timezone: America/New_York, country: US, region: MA}}
"""

_WEEKS = (
    "mon-thu: 09:00-12:30, 13:00-17:30\n    fri: 09:00-16:00\n    holidays: closed",
    "mon-fri: 08:00-18:00\n    sat: 09:00-13:00\n    holidays: closed",
    "mon-fri: 22:00-06:00\n    holidays: normal",
    "tue-sat: 10:00-18:30\n    holidays: closed",
    "daily: 06:00-12:00, 14:00-23:00\n    holidays: 10:00-14:00",
)
_ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
_ALWAYS = "daily: all-day\n    holidays: normal"


@attrs.frozen(kw_only=True)
class Size:
    """How large a company is: people, business numbers, and entries in the lists of callers."""

    people: int
    numbers: int
    callers: int


SMALL = Size(people=50, numbers=20, callers=200)
LARGE = Size(people=500, numbers=10_000, callers=10_000)

PER_GROUP = 100
PER_TEAM = 3


def address(at: int, area: int = 617) -> str:
    """Return business number (or caller, in another *area*) number *at*, in E.164."""
    return f"+1{area}{200 + at // 10_000}{at % 10_000:04}"


def spaced(number: str) -> str:
    """Write a number as people do: `+1 617 200 0001`."""
    return f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}"


def numbers_of(size: Size) -> list[str]:
    """Return the business numbers of a company of that *size*, in E.164."""
    return [address(at) for at in range(size.numbers)]


def strangers_and_friends(size: Size, count: int, seed: int = 5) -> list[str]:
    """Return *count* callers: one in five in a list, one in fifty withheld, the others unknown to us."""
    chance = Random(seed)
    callers = []
    for _ in range(count):
        draw = chance.random()
        if draw < 0.2:
            callers.append(_listed(chance.randrange(size.callers)).replace("xx", f"{chance.randrange(100):02}"))
        elif draw < 0.22:
            callers.append("anonymous")
        else:
            callers.append(address(chance.randrange(1_000_000), 212))
    return callers


def _listed(at: int) -> str:
    """Return entry number *at* of all lists of callers: a number, or every twentieth time a pattern of a hundred."""
    if at % 20:
        return address(at, 508)
    place = at // 20
    return f"+1978{200 + place // 100}{place % 100:02}xx"


_LISTENS = "\n    texts: {open: {to: t0}, closed: {to: t0, urgent: {words: [urgent, leak, fire], to: t1}}}"
"""The first number, to which the odd texts of part d go, listens for words."""


def written(size: Size, *, always: bool = False, public: int = 8080, admin: int = 8081, url: str = PUBLIC_URL) -> str:
    """
    Write the file of a company of that *size*; with *always* it never closes, so that each call rings somebody.

    *public* and *admin* are the ports to listen on.
    """
    parts = [_HEAD.format(public=public, admin=admin, url=url)]
    parts += _schedules(always)
    parts += _people(size, always)
    parts += _callers(size)
    parts += _numbers(size)
    return "\n".join(parts) + "\n"


def _schedules(always: bool) -> Iterator[str]:
    yield "schedules:"
    for at in range(len(_WEEKS) * len(_ZONES)):
        week = _ALWAYS if always else _WEEKS[at % len(_WEEKS)]
        yield f"  s{at}:\n    timezone: {_ZONES[at % len(_ZONES)]}\n    {week}"


def _people(size: Size, always: bool) -> Iterator[str]:
    yield "people:"
    for at in range(size.people):
        cover = f", cover: p{(at + 1) % size.people}" if at % 2 else ""
        hours = "" if always else f", hours: s{at % 20}"
        away = (
            ""
            if at % 5 or always
            else ", away: [{from: 2026-12-14, to: 2026-12-18}, {from: 2027-02-01, to: 2027-02-05}]"
        )
        desk, mobile = f'desk: "sip:p{at}@pbx.bench.example"', f'mobile: "{spaced(address(at, 781))}"'
        devices = f"{{{(desk, mobile, desk, f'{desk}, {mobile}')[at % 4]}}}"
        texts = "[sms]" if at % 2 else f"[email], email: p{at}@bench.example"
        yield f"  p{at}: {{name: Person {at}, devices: {devices}, texts_by: {texts}{hours}{cover}{away}}}"
    yield "teams:"
    ways = ("all-at-once, each: 20s", "in-turn, each: 15s", "all-at-once, each: 25s")
    for at in range(_teams(size)):
        members = ", ".join(f"p{(at * PER_TEAM + n) % size.people}" for n in range(PER_TEAM))
        yield f"  t{at}: {{members: [{members}], how: {ways[at % len(ways)]}}}"
    yield "voicemail:"
    for at in range(_teams(size)):
        yield f'  box-{at}: {{greeting: {{say: "Please leave a message."}}, notify: t{at}, max: 2m}}'


def _teams(size: Size) -> int:
    return size.people // PER_TEAM


def _groups(size: Size) -> int:
    return size.callers // PER_GROUP


def _callers(size: Size) -> Iterator[str]:
    """Write the lists of callers, groups of a hundred."""
    yield "callers:"
    for group in range(_groups(size)):
        entries = (f'"{spaced(_listed(at))}"' for at in range(group * PER_GROUP, (group + 1) * PER_GROUP))
        yield f"  g{group}: [{', '.join(entries)}]"


def _numbers(size: Size) -> Iterator[str]:
    yield "numbers:"
    teams, groups = _teams(size), _groups(size)
    for at in range(size.numbers):
        team, box = f"t{at % teams}", f"box-{at % teams}"
        person = f"p{at % size.people}"
        yield (
            f'  n{at}:\n    number: "{spaced(address(at))}"\n    provider: twilio\n    hours: s{at % 20}\n    voicemail: {box}\n'
            f"    rules:\n      - {{name: known, from: g{at % groups}, calls: [{{ring: {person}}}, {{ring: {team}}}]}}\n"
            f"      - {{name: withheld, from: anonymous, when: closed, calls: [{{reject: busy}}]}}\n"
            f"    calls: {{open: [{{ring: {team}}}]}}{_LISTENS if at == 0 else ''}"
        )


def example(public: int, admin: int) -> str:
    """Return the example file, listening on the ports given and signed for the address the loader signs."""
    text = EXAMPLE.read_text(encoding="utf-8")
    text = text.replace("127.0.0.1:8080", f"127.0.0.1:{public}").replace("127.0.0.1:8081", f"127.0.0.1:{admin}")
    return text.replace("https://phone.maplepine.example", PUBLIC_URL)


EXAMPLE_NUMBERS: Sequence[str] = ("+16175550100", "+442079460100")


def example_callers(count: int, seed: int = 5) -> list[str]:
    """Return *count* callers of the example's company, mixed as in `strangers_and_friends`."""
    chance = Random(seed)
    known = ("+12125550177", "+442079460958", "+13055550123", *(f"+150855501{n:02}" for n in range(100)))
    callers = []
    for _ in range(count):
        draw = chance.random()
        if draw < 0.2:
            callers.append(chance.choice(known))
        elif draw < 0.22:
            callers.append("anonymous")
        else:
            callers.append(address(chance.randrange(1_000_000), 212))
    return callers
