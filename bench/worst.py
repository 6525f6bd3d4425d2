"""The hardest file for the exhaustive analysis: odd minutes, many vacations, one cover ring through everybody."""

from collections.abc import Iterator
from random import Random

PEOPLE, VACATIONS, NUMBERS = 50, 150, 20

_HEAD = """\
version: 1
listen: {public: 127.0.0.1:8080}
public_url: https://phone.example.com
providers: {twilio: {adapter: twilio, secret: env:TWILIO_AUTH_TOKEN}}
safety: {countries: [US]}
business: {name: Worst & Co, timezone: America/New_York, country: US, region: MA}
"""
_ZONES = ("America/New_York", "America/Chicago", "America/Los_Angeles", "Europe/London", "Asia/Manila")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


def written(seed: int = 5) -> str:
    """Write the file: 50 people whose hours begin and end at minutes of their own every day, 20 numbers, three rules each."""
    chance = Random(seed)
    lines = [_HEAD, *_people(chance), *_teams(chance), *_numbers(chance)]
    return "\n".join(lines) + "\n"


def _clock(chance: Random, first: int, last: int) -> str:
    return f"{chance.randrange(first, last):02}:{chance.randrange(60):02}"


def _hours(chance: Random, first: int, last: int) -> str:
    days = (f"{day}: {_clock(chance, first, first + 2)}-{_clock(chance, last - 2, last)}" for day in _WEEKDAYS)
    return f"{{{', '.join(days)}}}"


def _people(chance: Random) -> Iterator[str]:
    """Write everybody: each covers for the next, the last for the first; three vacations each, spread over the year."""
    yield "people:"
    for at in range(PEOPLE):
        away = []
        for third in range(VACATIONS // PEOPLE):
            month, day = 1 + third * 4 + chance.randrange(4), chance.randrange(1, 18)
            away.append(f"{{from: 2027-{month:02}-{day:02}, to: 2027-{month:02}-{day + chance.randrange(1, 10):02}}}")
        yield (
            f'  p{at}: {{devices: {{mobile: "+1 617 555 {1000 + at}"}}, texts_by: [sms], timezone: {chance.choice(_ZONES)},'
            f" hours: {_hours(chance, 7, 19)}, cover: p{(at + 1) % PEOPLE}, away: [{', '.join(away)}]}}"
        )


def _teams(chance: Random) -> Iterator[str]:
    yield "teams:"
    for at in range(10):
        members = ", ".join(f"p{name}" for name in chance.sample(range(PEOPLE), 5))
        how = ("in-turn", "all-at-once", "take-turns")[at % 3]
        yield f"  t{at}: {{members: [{members}], how: {how}, each: 15s}}"
    members = ", ".join(f"p{name}" for name in chance.sample(range(PEOPLE), 6))
    yield f"  duty: {{members: [{members}], how: rota, change: mon 09:00, first: 2026-11-02, each: 30s, even_if: [off-hours]}}"
    yield 'callers:\n  vip: ["+1 212 555 0177"]\n  suppliers: ["+1 508 555 01xx"]'
    yield 'voicemail: {box: {greeting: {say: "Please leave a message."}, notify: t0, max: 2m}}'


def _numbers(chance: Random) -> Iterator[str]:
    yield "schedules:"
    for at in range(NUMBERS):
        yield f"  s{at}: {{holidays: closed, {_hours(chance, 6, 20)[1:-1]}}}"
    yield "numbers:"
    for at in range(NUMBERS):
        team, other, person = (chance.randrange(bound) for bound in (10, 10, PEOPLE))
        yield (
            f'  n{at}:\n    number: "+1 617 555 {2000 + at}"\n    provider: twilio\n    hours: s{at}\n    voicemail: box\n'
            "    rules:\n"
            f"      - {{name: vip, from: vip, calls: [{{ring: p{person}}}, {{ring: t{other}}}, {{ring: duty}}], texts: {{to: p{person}}}}}\n"
            f"      - {{name: suppliers, from: suppliers, when: closed, calls: [{{ring: duty}}]}}\n"
            f"    calls: {{open: [{{ring: t{team}}}, {{ring: t{other}}}], closed: [{{voicemail: box}}]}}\n"
            f"    texts: {{open: {{to: t{team}}}, closed: {{to: t{team}, hold: until-open}}}}"
        )
