"""What the named checks let pass and what they tell, where whole files would be too long to read."""

import pytest

from rules.check import CHECKS, check_all
from rules.check.devices import allowed_countries
from rules.check.names import MOST_SUGGESTIONS
from rules.check.reach import reachable
from rules.files import read_files
from rules.source import Mark, Problem
from rules.spec import FileSpec, Word

BASE = """
public_url: https://phone.example.com
business: {name: Maple, timezone: America/New_York, country: US, region: MA}
providers: {twilio: {adapter: twilio, secret: env:TOKEN}}
"""


def read(text: str, base: str = BASE) -> tuple[FileSpec, list[Problem]]:
    """Read and check one file behind *base*."""
    spec, problems = read_files("f.yaml", {"f.yaml": (base + text).encode()})
    assert spec
    check_all(spec, problems.append)
    return spec, problems


def codes(text: str, base: str = BASE) -> list[str]:
    """Return the codes of what is told."""
    return sorted(problem.code for problem in read(text, base)[1])


def person(device: str, rest: str = "") -> str:
    """Write one person with one device."""
    return f"people: {{anna: {{devices: {{phone: {device}}}{rest}}}}}"


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        pytest.param('"sip:anna@pbx.example.com"', [], id="a sip phone"),
        pytest.param('"sip:100@pbx.example.com"', [], id="an extension"),
        pytest.param('"sip:9110@pbx.example.com"', [], id="an extension that begins like an emergency number"),
        pytest.param('"sips:anna@pbx.example.com"', [], id="a sip phone over TLS"),
        pytest.param('"SIP:112@pbx.example.com"', ["emergency-number"], id="an emergency number at the exchange"),
        pytest.param('"sip:+16175550141@carrier.example"', [], id="a number through a carrier"),
        pytest.param('"sip:+19005550123@carrier.example"', ["destination-not-allowed"], id="premium through a carrier"),
        pytest.param('"+1 617 555 0141"', [], id="an American number"),
        pytest.param('"(617) 555-0141"', [], id="an American number as dialled at home"),
        pytest.param('"+1 416 555 0123"', ["destination-not-allowed"], id="Canada shares the code, not the country"),
        pytest.param('"+44 20 7946 0143"', ["destination-not-allowed"], id="another country"),
        pytest.param('"+1 911 555 0123"', ["emergency-number"], id="911 as an area"),
        pytest.param('"anna"', ["bad-number"], id="a word"),
        pytest.param('"+1 617"', ["bad-number"], id="half a number"),
    ],
)
def test_devices(device: str, expected: list[str]) -> None:
    """Phones that may be rung pass, each other is told once."""
    assert codes(person(device)) == expected


def test_a_number_of_nowhere() -> None:
    """Without a country a number needs its +."""
    base = "business: {name: Maple, timezone: UTC}\n"
    _, problems = read(person('"617 555 0141"'), base)

    assert [problem.message for problem in problems] == ["nobody says which country this number is of"]


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        pytest.param("safety: {countries: [US, GB]}", {"US", "GB"}, id="as safety says"),
        pytest.param("business: {name: A, timezone: UTC, country: DE}", {"DE"}, id="else home"),
        pytest.param(
            'numbers: {a: {number: "+44 20 7946 0100", provider: x}, b: {number: "sip:b@c", provider: x}}',
            {"GB"},
            id="else where our numbers are",
        ),
        pytest.param("", set(), id="else nowhere"),
    ],
)
def test_allowed_countries(base: str, expected: set[str]) -> None:
    """The countries that may be called come from the nearest that says."""
    spec, _ = read_files("f.yaml", {"f.yaml": b"version: 1\n" + base.encode()})

    assert spec
    assert allowed_countries(spec) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            'people: {a: {devices: {desk: "sip:front@pbx.example"}}, b: {devices: {desk: "sip:front@pbx.example"}}}',
            [],
            id="a phone at the front desk may be shared",
        ),
        pytest.param(
            'people: {a: {devices: {x: "sip:a@pbx.example", y: "sip:a@PBX.example"}}}',
            ["number-twice"],
            id="one phone twice",
        ),
        pytest.param('people: {a: {devices: {x: "sip: a b"}}}', ["bad-number"], id="no address at all"),
        pytest.param(
            'numbers: {a: {number: "sip:a@b.example", provider: twilio}, b: {number: "sip:a@b.example", provider: twilio}}',
            ["number-twice"],
            id="one sip number twice",
        ),
        pytest.param('numbers: {a: {number: "+1 911", provider: twilio}}', ["emergency-number"], id="not ours to have"),
        pytest.param('numbers: {a: {number: "+267 1234567", provider: twilio}}', [], id="a short number of Botswana"),
        pytest.param('numbers: {a: {number: "sip:x y", provider: twilio}}', ["bad-number"], id="a broken address"),
    ],
)
def test_numbers_and_phones_stand_once(text: str, expected: list[str]) -> None:
    """A number is one business number or one person's phone."""
    assert codes(text) == expected


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("public: 127.0.0.1:8080, admin: 127.0.0.1:8081", []),
        ("public: '[::1]:8080', admin: unix:/run/switchhook.sock", []),
        ("public: 127.0.0.1:0, admin: 127.0.0.1:0", []),
        ("public: 127.0.0.1:8080, admin: 127.0.0.1:8081, metrics: 127.0.0.1:8081", []),
        ("public: 127.0.0.1:8080, admin: 127.0.0.1:8080", ["bad-value"]),
        ("public: 127.0.0.1:8080, metrics: 127.0.0.1:8080", ["bad-value"]),
        ("public: 127.0.0.1", ["bad-value"]),
        ("public: 'unix:'", ["bad-value"]),
        ("public: 127.0.0.1:65536", ["bad-value"]),
        ("trusted_proxies: [10.0.0.1, 10.0.0.0/8, '::1']", []),
        ("trusted_proxies: proxy.example.com", ["bad-value"]),
    ],
)
def test_listeners(listen: str, expected: list[str]) -> None:
    """Addresses to listen on are addresses, and the public one stands alone."""
    assert codes(f"listen: {{{listen}}}") == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://phone.example.com", []),
        ("https://phone.example.com/", []),
        ("https://phone.example.com:8443/hooks/v1", []),
        ("http://127.0.0.1:8080", []),
        ("http://localhost:8080", []),
        ("http://[::1]:8080", []),
        ("http://phone.example.com", ["must begin with https://"]),
        ("phone.example.com", ["must begin with https:// and a host"]),
        ("ftp://phone.example.com", ["must begin with https:// and a host"]),
        ("https://", ["must begin with https:// and a host"]),
        ("https://exa mple.com", ["must begin with https:// and a host"]),
        ("https://phone.example.com:0", ["has a port that cannot be reached"]),
        ("https://phone.example.com:99999", ["is no address"]),
        ("https://[::1", ["is no address"]),
        ("https://me:secret@phone.example.com", ["must not hold a user or password"]),
        ("https://phone.example.com/?a=b", ["may have a plain path behind the host, nothing else"]),
        ("https://phone.example.com/#a", ["may have a plain path behind the host, nothing else"]),
        ("https://phone.example.com/a%20b", ["may have a plain path behind the host, nothing else"]),
    ],
)
def test_public_url(url: str, expected: list[str]) -> None:
    """The address providers sign is https on a host, with at most a plain path."""
    _, problems = read(f'public_url: "{url}"', "business: {name: A, timezone: UTC}\n")

    assert [problem.message for problem in problems] == [f"`public_url` {trouble}" for trouble in expected]


@pytest.mark.parametrize(
    ("text", "base", "expected"),
    [
        pytest.param("schedules: {a: {country: GB, region: ENG, holidays: closed}}", BASE, [], id="a place of its own"),
        pytest.param("schedules: {a: {country: GB, holidays: closed}}", BASE, ["region-missing"], id="without region"),
        pytest.param("schedules: {a: {country: GB, mon: 09:00-17:00}}", BASE, [], id="without holidays none is needed"),
        pytest.param("schedules: {a: {region: NY, holidays: closed}}", BASE, [], id="another region of home"),
        pytest.param("schedules: {a: {region: XX, holidays: closed}}", BASE, ["unknown-name"], id="no region of home"),
        pytest.param(
            "schedules: {a: {skip: [Bank Day], holidays: closed}}", BASE, ["unknown-name"], id="a holiday nobody has"
        ),
        pytest.param(
            "schedules: {a: {skip: [Columbus Day], holidays: closed}}",
            "business: {name: A, timezone: UTC}\n",
            ["region-missing"],
            id="a holiday of no country",
        ),
        pytest.param(
            "schedules: {a: {region: MA, holidays: closed}}",
            "business: {name: A, timezone: UTC}\n",
            ["region-missing"],
            id="a region of no country",
        ),
        pytest.param(
            'schedules: {a: "Mo-Fr 09:00-17:00; PH off"}',
            "business: {name: A, timezone: UTC, country: US}\n",
            ["region-missing"],
            id="holidays in an opening_hours text",
        ),
        pytest.param(
            'schedules: {a: "Mo-Fr 09:00-17:00"}',
            "business: {name: A, timezone: UTC, country: US}\n",
            [],
            id="no holidays",
        ),
        pytest.param(
            "schedules: {a: {mon: 09:00-17:00, holidays: normal}}",
            "business: {name: A, timezone: UTC, country: US}\n",
            [],
            id="holidays like any day",
        ),
        pytest.param(
            'numbers: {a: {number: "+1 617 555 0100", provider: twilio, hours: {mon: 09:00-17:00}}}',
            BASE,
            ["holidays-missing"],
            id="hours of a number without a word on holidays",
        ),
        pytest.param(
            "schedules: {s: {mon: 09:00-17:00}}\nnumbers: {a: {number: '+1 617 555 0100', provider: twilio, hours: s},"
            " b: {number: '+1 617 555 0101', provider: twilio, hours: s}}",
            BASE,
            ["holidays-missing"],
            id="told once for two numbers",
        ),
        pytest.param("people: {a: {hours: {mon: 09:00-17:00}}}", BASE, [], id="a person's hours need no word"),
        pytest.param("people: {a: {timezone: Mars/Base}}", BASE, ["unknown-name"], id="a zone of no place"),
        pytest.param("people: {a: {timezone: US/Eastern}}", BASE, ["old-zone"], id="a zone by its old name"),
    ],
)
def test_places(text: str, base: str, expected: list[str]) -> None:
    """Zones and holidays are those of a place that is known."""
    assert codes(text, base) == expected


@pytest.mark.parametrize(
    ("away", "expected"),
    [
        ("{from: 2026-12-14, to: 2026-12-14}", []),
        ("{from: 2026-12-14 12:00, to: 2026-12-14}", []),
        ("{from: 2026-12-14 12:00, until: 2026-12-14 12:01}", []),
        ("{from: 2026-12-14 12:00, until: 2026-12-14 12:00}", ["ends-first"]),
        ("{from: tomorrow, to: 2026-12-14}", ["impossible-date"]),
        ("{from: 2026-12-14, to: soon}", ["impossible-date"]),
        ("{from: 2026-12-14, to: 9999-12-31}", ["impossible-date"]),
        ("{from: 2026-12-14, until: soon}", ["impossible-date"]),
        ("[{from: 2026-12-14, to: 2026-12-16}, {from: 2026-12-16, to: 2026-12-18}]", []),
        ("[{from: 2026-12-14, to: 2026-12-16, cover: b}, {from: 2026-12-16, to: 2026-12-18}]", ["overlap"]),
        ("[{from: 2026-12-14, to: 2026-12-15, cover: b}, {from: 2026-12-16, to: 2026-12-18}]", []),
        (
            "[{from: 2026-12-14, to: 2026-12-16, cover: b, only: calls}, {from: 2026-12-14, to: 2026-12-18, only: texts}]",
            [],
        ),
        (
            "[{from: 2026-12-14, to: 2026-12-16, cover: b, only: calls}, {from: 2026-12-14, to: 2026-12-18}]",
            ["overlap"],
        ),
    ],
)
def test_absences(away: str, expected: list[str]) -> None:
    """Absences have an end behind their beginning, and two at a time do not disagree."""
    assert codes(f"people: {{a: {{away: {away}}}, b: {{}}}}") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("people: {a: {cover: b}, b: {cover: a}}", [], id="each other's cover is common"),
        pytest.param(
            "people: {a: {cover: t}}\nteams: {t: {members: [a], how: in-turn}}", ["self-cover"], id="a team of oneself"
        ),
        pytest.param("people: {a: {cover: t}, b: {}}\nteams: {t: {members: [a, b], how: in-turn}}", [], id="a team"),
        pytest.param("people: {a: {last_day: soon, handover: b}, b: {}}", ["impossible-date"], id="no last day"),
        pytest.param(
            "people: {a: {}}\nteams: {t: {members: [a], how: rota, change: Monday 9:00, first: 2026-11-02}}",
            [],
            id="a rota in other words",
        ),
        pytest.param("people: {a: {}, c: {}}\nteams: {t: {members: [a, t], how: in-turn}}", ["unknown-name"], id="a team in a team"),
        pytest.param("callers: {vip: [anonymous, ACME, '262966', 'sip:a@b.c', '+1 508 555 01xx']}", [], id="callers"),
        pytest.param("callers: {vip: ['+1 508 555 01zz']}", ["bad-number"], id="a pattern of other letters"),
        pytest.param("callers: {vip: ['12']}", ["bad-number"], id="two digits are nobody"),
        pytest.param("block: {from: [anonymous, '+1 900 xxx xxxx']}", [], id="blocked kinds and patterns"),
        pytest.param(
            "callers: {vip: ['+1 508 555 01xx', '+1 508 555 0123']}\nblock: {from: ['+1 508 555 xxxx', '+1 508 555 0124']}",
            [],
            id="a pattern is no contradiction",
        ),
        pytest.param("callers: {vip: [ACME]}\nblock: {from: [acme]}", ["vip-and-blocked"], id="a sender's name in both"),
    ],
)  # fmt: skip
def test_people_and_callers(text: str, expected: list[str]) -> None:
    """What contradicts itself is told, what is common passes."""
    assert codes(text) == expected


def number(rest: str) -> str:
    """Write one number."""
    return f'numbers: {{n: {{number: "+1 617 555 0100", provider: twilio, {rest}}}}}\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(number("rules: [{name: r, from: ['+1 212 555 0177', anonymous, '+1 508 555 01xx'], calls: [hangup]}]"), [], id="from numbers and kinds"),
        pytest.param(number("rules: [{name: r, from: ['sip:a@b.c'], calls: [hangup]}]"), [], id="from an address"),
        pytest.param(number("rules: [{name: r, from: [press], calls: [hangup]}]"), ["unknown-name"], id="from nobody's group"),
        pytest.param(number("rules: [{name: r, via: [n, '+1 212 555 0177'], when: open, calls: [hangup]}]"), [], id="via numbers"),
        pytest.param(number("rules: [{name: r, when: night, calls: [hangup]}]"), ["unknown-name"], id="when nobody knows"),
        pytest.param(number("rules: [{name: r, words: ['...'], texts: {drop: yes}}]"), ["bad-value"], id="no word"),
        pytest.param('providers: {p: {adapter: generic, secret: env:P}}\n' + number("missed: {notify: x}"), ["duplicate-key", "unknown-name"], id="a missed call told to nobody"),
        pytest.param(number("calls: {open: [{say: 'We open {next_open} at {business}, {caller}.'}]}"), [], id="all there is to fill in"),
        pytest.param(number("calls: {open: [{say: 'a } b'}]}"), ["unknown-field"], id="half a field"),
        pytest.param(number("calls: {open: [{say: 'about {xyzzy}'}]}"), ["unknown-field"], id="nothing like a field"),
        pytest.param(number("missed: {text_back: 'Hello {busines}'}"), ["unknown-field"], id="in a text back"),
        pytest.param("replies: {stop: 'Bye {x}', help: 'Help {business}'}", ["unknown-field"], id="in a fixed reply"),
        pytest.param(person('"+1 617 555 0141"') + "\nfailsafe: {say: 'Call 617 555 0141.'}", ["private-number"], id="a private number in trouble"),
        pytest.param(person('"+1 617 555 0141"') + "\n" + number("missed: {text_back: 'Call 617 555 0100, 24 hours, 2026-12-24.'}"), [], id="the business number may be told"),
        pytest.param("voicemail: {b: {greeting: {play: hello.mp3}}, c: {greeting: {play: 'https://a.example/b.mp3'}}}", [], id="sounds"),
        pytest.param(person('"sip:a@b.c"', ", calendar: env:CAL, email: a@b.example"), [], id="a calendar kept outside"),
        pytest.param(person('"sip:a@b.c"', ", calendar: 'http://a.example/b.ics'"), ["bad-value"], id="a calendar in the open"),
        pytest.param(person('"sip:a@b.c"', ", texts_by: [email]"), ["missing-key"], id="texts by mail without an address"),
        pytest.param(number("language: de-CH"), [], id="a language"),
        pytest.param("failsafe: {voicemail: nowhere}", ["unknown-name"], id="trouble without a box"),
    ],
)  # fmt: skip
def test_what_happens(text: str, expected: list[str]) -> None:
    """Names, words and texts of what happens fit together."""
    assert codes(text) == expected


def test_providers_of_a_number() -> None:
    """Every provider of a number is there, each missing one told once."""
    text = 'numbers: {n: {number: "+1 617 555 0100", provider: {calls: twilio, texts: x, also_from: [y]}}}'

    assert codes(text) == ["unknown-name", "unknown-name"]
    assert codes(text.replace("calls: twilio, texts: x", "calls: x")) == ["unknown-name", "unknown-name"]


def test_who_is_reached() -> None:
    """Teams, covers and handovers are followed, circles too; unknown names lead nowhere."""
    spec, _ = read("""
people:
  a: {cover: b, away: {from: 2026-12-14, to: 2026-12-15, cover: c}}
  b: {cover: a}
  c: {last_day: 2026-12-01, handover: t}
  d: {}
  e: {}
teams: {t: {members: [d], how: in-turn}}
""")
    at = Mark("f.yaml", 1, 1)

    assert set(reachable(spec, [Word("a", at), Word("nobody", at)])) == {"a", "b", "c", "d"}


def test_who_leaves_needs_no_phone() -> None:
    """Somebody with a last day may already have given back the phone."""
    leaver = "mail: {server: 'm.example:587', from: a@m.example}\npeople: {a: {last_day: 2026-12-01, handover: b}, b: {devices: {x: 'sip:b@b.c'}, texts_by: [email], email: b@b.example}}"

    assert codes(f"{leaver}\n{number('calls: {open: [{ring: a}]}, texts: {open: {to: a, copy: a}}')}") == []


def test_suggestions_have_an_end() -> None:
    """Among very many unknown names only the first get a suggestion: looking for it is slow."""
    people = "people:\n" + "".join(f"  person{n}: {{cover: persom{n}}}\n" for n in range(2 * MOST_SUGGESTIONS))

    _, problems = read(people)

    assert len(problems) == 2 * MOST_SUGGESTIONS
    assert sum(problem.hint is not None for problem in problems) == MOST_SUGGESTIONS


def test_every_check_has_its_sentence() -> None:
    """The list of checks explains itself."""
    assert all(check.__doc__ for check in CHECKS)
    assert len(set(CHECKS)) == len(CHECKS)


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        pytest.param({"ann": "bob", "bob": "cat", "cat": None}, [], id="a chain that ends with somebody who stays"),
        pytest.param({"ann": "bob", "bob": "ann"}, ["handover-circle"], id="two who hand over to each other"),
        pytest.param(
            {"ann": "bob", "bob": "cat", "cat": "bob"}, ["handover-circle"], id="a circle somebody leads into"
        ),
        pytest.param({"ann": "ann"}, ["self-cover"], id="oneself is told elsewhere"),
        pytest.param({"ann": "team", "bob": None}, [], id="to a team"),
        pytest.param({"ann": "nobody"}, ["unknown-name"], id="to nobody there is"),
    ],
)
def test_somebody_stays(people: dict[str, str | None], expected: list[str]) -> None:
    """Who leaves hands over to somebody who does not, at least in the end; a circle is told once."""
    lines = ["people:"]
    for name, to in people.items():
        leaving = f"last_day: 2026-11-30, handover: {to}" if to else "name: Stays"
        lines.append(f"  {name}: {{{leaving}}}")
    lines += ["teams:", "  team: {members: [bob], how: all-at-once}"] if "bob" in people else []

    assert codes("\n".join(lines)) == expected
