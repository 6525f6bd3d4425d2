"""Specs to the book: defaults filled in, names resolved, dates turned into instants."""

from datetime import UTC, datetime

import pytest

from rules.book import RingStep, RuleBook
from rules.compile import FOR_EVER
from rules.load import load
from rules.plan import Hangup, Play, Reject, Say, Voicemail
from rules.telling import step_json

FILE = """
version: 1
listen: {public: 127.0.0.1:8080}
public_url: https://phone.example.com
providers: {line: {adapter: generic, secret: env:SECRET}}
business: {name: Acme, timezone: America/New_York, country: US, region: MA, language: en-US, holidays: {skip: [Columbus Day], add: {2026-11-27: Friday after}}}
defaults: {ring_for: 18s, press_1: outside, teammate_sees: business}
failsafe: {say: "Oh dear.", voicemail: second}
replies: {from_mobile: no, conversation_for: 24h, stop: "Bye."}
schedules:
  office: {mon-fri: 09:00-17:00, holidays: closed}
  berlin: {timezone: Europe/Berlin, country: DE, region: BE, mon-fri: 09:00-17:00, holidays: closed}
people:
  ann:
    name: Ann Lee
    timezone: Asia/Tokyo
    devices: {desk: "sip:ann@pbx.example.com", mobile: "+1 617 555 0141", spare: {address: "+1 617 555 0151", press_1: never}}
    hours: {mon-fri: 09:00-17:00}
    texts_by: [sms]
    away: [{from: 2026-12-14, to: 2026-12-15}]
  bob:
    devices: [{address: "sip:bob@pbx.example.com", press_1: always}, "+1 617 555 0142"]
    hours: berlin
    even_if: [off-hours]
    texts_by: [email]
    email: bob@example.com
    cover: ann
    away: [{from: 2026-12-14 08:00, until: 2026-12-15 09:30, only: texts}]
    last_day: 2026-12-31
    handover: ann
teams:
  turns: {members: [ann, bob], how: rota, change: wed 08:00, first: 2026-11-02}
callers: {vip: ["+1 212 555 0177"]}
numbers:
  main:
    number: "+1 617 555 0100"
    provider: line
    hours: {mon-fri: 08:00-18:00, holidays: closed}
    voicemail: first
    language: en-GB
    rules:
      - {name: in place, from: [vip, anonymous, "+1 508 555 01xx"], via: main, calls: [{say: Hello.}, {hangup: yes}]}
      - {name: german hours, when: berlin, calls: [{reject: declined}]}
    calls: {open: [{ring: [ann, bob], for: 9s, even_if: [away]}], closed: [{play: night.mp3}]}
    texts: {open: {to: ann, urgent: {words: [Fire, leak], to: bob}}}
    missed: {notify: ann, text_back: "Sorry."}
  bare: {number: "sip:100@pbx.example.com", provider: line, hours: office}
voicemail:
  first: {greeting: {say: One.}, notify: ann, max: 1m, transcribe: yes}
  second: {greeting: {play: https://example.com/two.mp3}, notify: bob, max: 2m, language: fr-FR, private: yes, keep: 48h}
"""


@pytest.fixture(scope="module")
def book() -> RuleBook:
    """Return the book of the file above."""
    loaded = load("a.yaml", {"a.yaml": FILE.encode()}, lambda name: f"media:{name}")
    assert loaded.book, "\n".join(problem.show(FILE) for problem in loaded.problems)
    return loaded.book


def iso(moment: int) -> str:
    """Tell an instant."""
    return datetime.fromtimestamp(moment, UTC).isoformat()


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [
        pytest.param(
            "away:ann:0", "2026-12-13T15:00:00+00:00", "2026-12-15T15:00:00+00:00", id="days of the person's own zone"
        ),
        pytest.param(
            "away:bob:0",
            "2026-12-14T07:00:00+00:00",
            "2026-12-15T08:30:00+00:00",
            id="clock times in the zone of the schedule used",
        ),
    ],
)
def test_an_absence_is_a_stretch_of_time(book: RuleBook, question: str, start: str, end: str) -> None:
    """`to` counts its whole day, `until` ends on the second, in the zone of the person."""
    assert [iso(moment) for moment in book.spans[question]] == [start, end]


def test_someone_leaves_for_ever(book: RuleBook) -> None:
    """The day after the last one begins in the person's zone, and never ends."""
    assert iso(book.spans["left:bob"][0]) == "2026-12-31T23:00:00+00:00"
    assert book.spans["left:bob"][1] == FOR_EVER


def test_devices_know_whether_they_must_confirm(book: RuleBook) -> None:
    """Outside phones confirm by pressing 1, unless the device says otherwise."""
    people = book.directory.people

    assert [(device.name, device.address, device.confirm) for device in people["ann"].devices] == [
        ("desk", "sip:ann@pbx.example.com", False),
        ("mobile", "+16175550141", True),
        ("spare", "+16175550151", False),
    ]
    assert [device.confirm for device in people["bob"].devices] == [True, True]
    assert (people["ann"].in_order, people["bob"].in_order) == (False, True)
    assert (people["ann"].title, people["bob"].title) == ("Ann Lee", "bob")
    assert people["bob"].even_if == {"off-hours"}


def test_a_rota_starts_on_the_weekday_it_changes(book: RuleBook) -> None:
    """`first` names the week; the turn begins with the first change in it."""
    (rota,) = book.rotas

    assert rota.first == datetime(2026, 11, 4, 8)
    assert book.directory.teams["turns"].each == 18


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        pytest.param("calls.open", (RingStep(("ann", "bob"), 9, frozenset({"away"})),), id="ring"),
        pytest.param("calls.closed", (Play("media:night.mp3"),), id="play a file"),
    ],
)
def test_the_steps_of_a_number(book: RuleBook, name: str, steps: tuple[object, ...]) -> None:
    """Steps are what the plan will hold, but for people."""
    assert book.numbers["main"].blocks[name] == steps


def test_rules_ask_questions(book: RuleBook) -> None:
    """A rule's conditions are questions; callers written in place become a group of the rule's own."""
    placed, german = book.numbers["main"].rules

    assert placed.conditions == (
        ("from:vip", "from:anonymous", "from:main.rules.in place"),
        ("via:main.rules.in place",),
    )
    assert placed.calls == (Say("Hello.", "en-GB"), Hangup())
    assert book.callers.classify("+15085550142", verified=None).groups == ("main.rules.in place",)
    assert book.numbers["main"].vias == {"via:main.rules.in place": {"+16175550100"}}
    assert (german.when, german.calls, german.texts) == ("open:berlin", (Reject("declined"),), None)


def test_words_are_asked_for_by_name(book: RuleBook) -> None:
    """The question names the words themselves."""
    assert set(book.numbers["main"].words) == {"words:fire,leak"}
    assert book.numbers["bare"].words == {}


def test_hours_written_in_place_are_the_numbers_own(book: RuleBook) -> None:
    """They are asked for by the number's name; a named schedule by its own."""
    assert book.numbers["main"].hours == "open:main:own"
    assert book.numbers["bare"].hours == "open:office"
    assert set(book.times) == {"open:main:own", "open:office", "open:berlin", "in:ann", "in:bob"}
    assert book.numbers["main"].zone.key == "America/New_York"


def test_a_number_that_says_little(book: RuleBook) -> None:
    """Its calls end in the fail-safe's box, its texts wait for it by name; it is found by its address."""
    bare = book.numbers["bare"]

    assert bare.last_resort == Voicemail("second", Play("https://example.com/two.mp3"), 120)
    assert bare.blocks["calls.open"] == ()
    assert bare.text_fallback == ("bare",)
    assert book.find("sip:100@pbx.example.com") is bare
    assert book.find("nonsense") is None


def test_what_the_whole_business_shares(book: RuleBook) -> None:
    """Defaults, fixed replies, boxes, the fail-safe."""
    assert book.common.confirmations["stop"] == "Bye."
    assert "START" not in book.common.confirmations["stop"]
    assert (book.failsafe.say, book.failsafe.box) == ("Oh dear.", "second")
    assert (book.teammate_sees, book.from_mobile, book.conversation_for) == ("business", False, 86400)
    assert (book.boxes["second"].private, book.boxes["second"].keep) == (True, 172800)
    assert book.numbers["main"].last_resort == Voicemail("first", Say("One.", "en-GB"), 60, transcribe=True)
    assert book.media == {"media:night.mp3": "night.mp3"}


def test_a_file_without_any_box_still_ends_in_voicemail() -> None:
    """The caller hears something whatever the file forgot."""
    small = """
version: 1
listen: {public: 127.0.0.1:8080}
public_url: https://phone.example.com
providers: {line: {adapter: generic, secret: env:SECRET}}
business: {name: Acme, timezone: Europe/London}
numbers: {main: {number: "+44 20 7946 0100", provider: line, calls: {open: [{reject: busy}]}}}
"""
    loaded = load("a.yaml", {"a.yaml": small.encode()}, lambda _name: None)

    if loaded.book:  # a stricter check may ask for a box
        assert loaded.book.numbers["main"].last_resort == Voicemail("voicemail", None, 120)
        assert step_json(loaded.book.numbers["main"].last_resort) == {"voicemail": "voicemail"}


SILENT = """
public_url: https://phone.example.com
providers: {line: {adapter: generic, secret: env:SECRET}}
business: {name: Acme, timezone: America/New_York, country: US, region: MA}
people:
  ann: {devices: {mobile: "+1 617 555 0141"}, texts_by: [sms]}
  bob: {devices: {mobile: "+1 617 555 0142"}, texts_by: [sms]}
  cat: {devices: {mobile: "+1 617 555 0143"}, texts_by: [sms]}
numbers:
  main: {number: "+1 617 555 0100", provider: line%s}
voicemail:
  told: {greeting: {say: Hello.}, notify: bob}
  quiet: {greeting: {say: Hello.}}
"""


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param(
            ", texts: {closed: {to: [ann, bob], hold: until-open}}", ("ann", "bob"), id="who gets them otherwise"
        ),
        pytest.param(
            ", missed: {notify: ann}, voicemail: told, calls: {open: [{ring: cat}]}",
            ("ann",),
            id="who is told of missed calls",
        ),
        pytest.param(", voicemail: told, calls: {open: [{ring: cat}]}", ("bob",), id="who is told of messages"),
        pytest.param(", voicemail: quiet, calls: {closed: [{say: Hm.}, {ring: cat}]}", ("cat",), id="whom calls ring"),
        pytest.param(", calls: {open: [{voicemail: told}]}", ("main",), id="nobody: the number by name"),
    ],
)
def test_whom_texts_are_for_that_nobody_is_named_for(more: str, expected: tuple[str, ...]) -> None:
    """Whoever hears of what is missed on the number."""
    loaded = load("a.yaml", {"a.yaml": (SILENT % more).encode()}, lambda _: None)

    assert loaded.book, loaded.problems
    assert loaded.book.numbers["main"].text_fallback == expected


def test_where_calls_and_texts_may_go(book: RuleBook) -> None:
    """Home, unless the file names countries."""
    assert book.safety.countries == frozenset({"US"})
