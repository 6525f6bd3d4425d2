"""Every form a value may be written in, and the spec it becomes."""

from collections.abc import Iterator

import attrs
import pytest

from rules.files import read_files
from rules.schedule import MappingHours, OsmHours
from rules.source import Mark, Problem
from rules.spec import (
    DeviceSpec,
    FileSpec,
    HangupSpec,
    PlaySpec,
    RejectSpec,
    RingSpec,
    SaySpec,
    ScheduleSpec,
    Secret,
    VoicemailStepSpec,
    Word,
)

BUSINESS = "business: {name: Maple, timezone: America/New_York}\n"


def read(text: str) -> tuple[FileSpec, list[Problem]]:
    """Read one file behind a business."""
    spec, problems = read_files("f.yaml", {"f.yaml": (BUSINESS + text).encode()})
    assert spec
    return spec, problems


def spec_of(text: str) -> FileSpec:
    """Read one file without a mistake."""
    spec, problems = read(text)
    assert problems == []
    return spec


def words(value: object) -> object:
    """Return a value without its places, so that it can be compared."""
    if isinstance(value, Word):
        return value.text
    if isinstance(value, tuple):
        return tuple(words(each) for each in value)
    return value


def told(problems: list[Problem]) -> Iterator[str]:
    """Yield the messages."""
    return (problem.message for problem in problems)


@pytest.mark.parametrize(
    ("devices", "expected", "in_order"),
    [
        ('{desk: "sip:a@b.c"}', [("desk", "sip:a@b.c", None)], False),
        ('{a: "+1 617 555 0141", b: "+1 617 555 0142"}', [("a", "+1 617 555 0141", None), ("b", "+1 617 555 0142", None)], False),
        ('{mobile: {address: "+1", press_1: never}}', [("mobile", "+1", "never")], False),
        ('"+1 617 555 0141"', [("phone 1", "+1 617 555 0141", None)], True),
        ('["sip:a@b.c", "+1"]', [("phone 1", "sip:a@b.c", None), ("phone 2", "+1", None)], True),
        ('[{desk: "sip:a@b.c"}, {mobile: {address: "+1", press_1: always}}]', [("desk", "sip:a@b.c", None), ("mobile", "+1", "always")], True),
        ('[{address: "+1", press_1: outside}]', [("phone 1", "+1", "outside")], True),
    ],
)  # fmt: skip
def test_devices(devices: str, expected: list[tuple[str, str, str | None]], in_order: bool) -> None:
    """A mapping is rung all at once, a list in order; each device in its short or its long form."""
    anna = spec_of(f"people: {{anna: {{devices: {devices}}}}}").people["anna"]

    assert [(device.name, device.address.text, device.press_1) for device in anna.devices] == expected
    assert anna.in_order is in_order


@pytest.mark.parametrize(
    ("devices", "message"),
    [
        ("[]", "`devices` wants phones by name, or a list of them, here stands an empty list"),
        ("", "`devices` wants phones by name, or a list of them, here stands nothing"),
        ("{mobile: [a]}", "`mobile` wants a phone number or sip: address, here stands a list"),
        ('{mobile: {number: "+1"}}', "a device has no key 'number'"),
        ("[{mobile: a}, {mobile: b}]", "'mobile' is already in `devices`"),
        ("[[a]]", "`phone 1` wants a phone number or sip: address, here stands a list"),
        ("{mobile: {press_1: sometimes, address: a}}", "`press_1` wants one of outside, always, never, here stands 'sometimes'"),
    ],
)  # fmt: skip
def test_devices_that_are_none(devices: str, message: str) -> None:
    """What is no device is told."""
    _, problems = read(f"people: {{anna: {{devices: {devices}}}}}")

    assert message in told(problems)


def test_a_whole_person() -> None:
    """Everything that can be said of a person is read."""
    anna = spec_of("""
people:
  anna:
    name: Anna Lindqvist
    devices: {desk: "sip:anna@pbx.example.com"}
    hours: {mon-fri: 09:00-17:00}
    timezone: Europe/London
    cover: ben
    away:
      - {from: 2026-12-14, to: 2026-12-18, note: Stockholm, only: calls, cover: front}
      - {from: 2026-12-21 12:00, until: 2027-01-04 08:30}
    last_day: 2027-03-31
    handover: front
    email: anna@example.com
    texts_by: [sms, email]
    pin: env:ANNA_PIN
    even_if: [away, off-hours]
    calendar: https://calendar.example.com/anna.ics
""").people["anna"]

    assert words(anna.title) == "Anna Lindqvist"
    assert isinstance(anna.hours, ScheduleSpec)
    assert (anna.hours.name, anna.hours.at) == (None, Mark("f.yaml", 7, 12))
    first, second = (attrs.asdict(each, recurse=False) for each in anna.away)
    assert {key: words(value) for key, value in first.items() if key != "at"} == {
        "start": "2026-12-14",
        "to": "2026-12-18",
        "until": None,
        "cover": "front",
        "only": "calls",
        "note": "Stockholm",
    }
    assert (words(second["until"]), second["only"]) == ("2027-01-04 08:30", None)
    assert words(
        (anna.timezone, anna.cover, anna.last_day, anna.handover, anna.email, anna.calendar and anna.calendar.url)
    ) == (
        *("Europe/London", "ben", "2027-03-31", "front", "anna@example.com"),
        "https://calendar.example.com/anna.ics",
    )
    assert anna.pin
    assert (anna.pin.source, anna.pin.name) == ("env", "ANNA_PIN")
    assert words((anna.texts_by, anna.even_if)) == (("sms", "email"), ("away", "off-hours"))


def test_one_absence_needs_no_list() -> None:
    """A single absence may stand alone."""
    assert len(spec_of("people: {anna: {away: {from: 2026-12-14, to: 2026-12-18}}}").people["anna"].away) == 1


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        pytest.param("office", "office", id="a name"),
        pytest.param("summer hours", "summer hours", id="a name with a space"),
        pytest.param("{mon-fri: 09:00-17:00}", MappingHours, id="a mapping"),
        pytest.param('"Mo-Fr 09:00-17:00"', OsmHours, id="an opening_hours text"),
        pytest.param('"24/7"', OsmHours, id="always, as an opening_hours text"),
    ],
)
def test_hours_by_name_or_in_place(hours: str, expected: object) -> None:
    """Hours are the name of a schedule, or a schedule without a name."""
    anna = spec_of(f"people: {{anna: {{hours: {hours}}}}}").people["anna"]

    found = type(anna.hours.body) if isinstance(anna.hours, ScheduleSpec) else words(anna.hours)
    assert found == expected


@pytest.mark.parametrize("hours", ["[mon, tue]", "", "{}", "{monday: soon}"])
def test_hours_that_are_none(hours: str) -> None:
    """What is no schedule is told, and the person is kept."""
    spec, problems = read(f"people: {{anna: {{hours: {hours}}}}}")

    assert problems
    assert spec.people["anna"].hours is None


def test_schedules_with_a_place_of_their_own() -> None:
    """A schedule has its own zone, country, region and holidays, beside its hours."""
    schedule = spec_of("""
schedules:
  london:
    timezone: Europe/London
    country: GB
    region: ENG
    skip: [Boxing Day]
    add: {2026-12-28: Day after Boxing Day}
    mon-fri: 09:30-18:00
    holidays: closed
  showroom: "Tu-Sa 10:00-18:00"
""").schedules

    london = schedule["london"]
    assert words((london.timezone, london.country, london.region)) == ("Europe/London", "GB", "ENG")
    assert words(london.changes.skip) == ("Boxing Day",)
    assert [(str(day), name.text) for day, name in london.changes.add] == [("2026-12-28", "Day after Boxing Day")]
    assert isinstance(schedule["showroom"].body, OsmHours)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schedules: {office: [mon]}", "`office` wants days with hours, or an opening_hours text, here stands a list"),
        ("schedules: {open: {mon: 09:00-17:00}}", "'open' has a meaning of its own here"),
        ("schedules: {x: {add: [2026-12-28], mon: closed}}", "`add` wants dates with their names, here stands a list"),
        ("schedules: {x: {add: {2026-12-32: X}, mon: closed}}", "there is no date '2026-12-32'"),
        ("schedules: {x: {add: {2026-12-31: [X]}, mon: closed}}", "`2026-12-31` wants one text, here stands a list"),
        ("schedules: [office]", "`schedules` wants names, each with what is said about it, here stands a list"),
        ("people:", "`people` wants names, each with what is said about it, here stands nothing"),
        ("people: {anna: anna@example.com}", "`anna` wants the keys of a person, here stands 'anna@example.com'"),
        ("teams: {front: {members: [a], how: in-turn, change: mon 09:00}}", "`change` belongs to a rota only"),
        ("teams: {front: [a]}", "`front` wants the keys of a team, here stands a list"),
        ("providers: {x: {adapter: [twilio], secret: env:A}}", "`adapter` wants one of twilio, generic, sip, here stands a list"),
        ("providers: {x: {adapter: twillio, secret: env:A}}", "the adapter 'twillio' is none that is known here"),
        ("providers: {x: {adapter: acme, secret: env:A}}", "the adapter 'acme' is none that is known here"),
        ("providers: {x: {adapter: twilio, secret: {a: b}}}", "`secret` wants env:NAME or file:PATH, here stands a mapping (`key: value`)"),
        ("providers: {x: {adapter: twilio, secret: 'env:'}}", "`secret` must not stand in this file itself"),
        ("providers: {x: {adapter: twilio, secret: env:A, signing_keys: [a]}}", "`signing_keys` wants the ids of keys, each with env:NAME or file:PATH, here stands a list"),
        ("callers: {vip: {verified: yes}}", "a group of callers needs `numbers`"),
        ("callers: {vip: []}", "`vip` wants numbers, names and kinds of caller, here stands an empty list"),
        ("plans: {storm: {}}", "`storm` wants what happens to calls, to texts, or to both, here stands a mapping (`key: value`)"),
        ("plans: {storm: [a]}", "`storm` wants the keys of a plan, here stands a list"),
        ("voicemail: {main: {greeting: hello}}", "`greeting` wants words to speak or a sound file, here stands 'hello'"),
        ("voicemail: {main: {greeting: {}}}", "`greeting` wants either `say` or `play`, here stands a mapping (`key: value`)"),
        ("voicemail: {main: {greeting: {say: a, play: b}}}", "`greeting` wants either `say` or `play`, here stands a mapping (`key: value`)"),
        ("voicemail: {main: {greeting: {sya: a}}}", "a greeting has no key 'sya'"),
        ("voicemail: {main: hello}", "`main` wants the keys of a voicemail box, here stands 'hello'"),
        ("numbers: {x: {number: '+1', provider: {texts: a}}}", "`provider` needs `calls`"),
        ("numbers: {x: {number: '+1', provider: [a]}}", "`provider` wants one name, here stands a list"),
        ("numbers: {x: {number: '+1', provider: a, rules: {name: b}}}", "`rules` wants a list of rules, here stands a mapping (`key: value`)"),
        ("numbers: {x: {number: '+1', provider: a, rules: [b]}}", "`rules` wants the keys of a rule, here stands 'b'"),
        ("numbers: {x: {number: '+1', provider: a, rules: [{name: r, calls: []}]}}", "`calls` wants a list of steps, here stands an empty list"),
        ("numbers: {x: {number: '+1', provider: a, calls: {open: ring}}}", "`open` wants steps, here stands 'ring'"),
        ("numbers: {x: {number: '+1', provider: a, calls: {open: [{}]}}}", "`open` wants steps, here stands a mapping (`key: value`)"),
        ("numbers: {x: {number: '+1', provider: a, calls: {open: [{rnig: a}]}}}", "a step has no key 'rnig'"),
        ("numbers: {x: {number: '+1', provider: a, calls: {open: [{say: a, for: 20s}]}}}", "a `say` step has no key 'for'"),
        ("numbers: {x: {number: '+1', provider: a, texts: {open: {}}}}", "`open` wants what happens to a text, here stands a mapping (`key: value`)"),
        ("numbers: {x: {number: '+1', provider: a, texts: {open: ben}}}", "`open` wants the keys of what happens to texts, here stands 'ben'"),
        ("numbers: {x: {number: '+1', provider: a, texts: {open: {drop: yes, to: a}}}}", "`open` wants either `drop` or something else, here stands a mapping (`key: value`)"),
        ("safety: {max_legs: many}", "`max_legs` wants a whole number from 1 to 100, here stands 'many'"),
        ("nonsense: 1", "a rule file has no key 'nonsense'"),
        ("buisness: {name: A, timezone: UTC}", "a rule file has no key 'buisness'"),
    ],
)  # fmt: skip
def test_what_is_told(text: str, message: str) -> None:
    """Each value of the wrong form is told in words; nothing is raised."""
    _, problems = read(text)

    assert message in told(problems)


def test_ops_sections() -> None:
    """Everything ops can say is read."""
    spec = spec_of("""
version: 1
listen: {public: 0.0.0.0:80, admin: unix:/run/a, metrics: 127.0.0.1:9090, trusted_proxies: 10.0.0.1}
state: /var/lib/switchhook
providers:
  twilio:
    adapter: twilio
    account: env:SID
    secret: [env:NEW, file:/run/old]
    signing_keys: {K1: env:KEY}
    algorithms: sha256
    api: https://api.ie1.twilio.com
    api_key: {id: env:KEY_ID, secret: file:key}
  pbx: {adapter: generic, account: AC1, secret: file:secret}
mail: {server: "[::1]:465", tls: implicit, user: phone, password: env:MAIL, from: phone@example.com}
webhooks:
  crm: {url: "https://crm.example.com/h?a=1", secret: [env:NEW, file:old], events: [missed, voicemail]}
  log: {url: "http://localhost:9000", secret: env:LOG}
safety: {countries: US, max_diversions: 0, max_legs: 5, max_forwards_per_hour: 9}
failsafe: {say: Sorry., voicemail: main}
""")

    listen, twilio, pbx = spec.listen, spec.providers["twilio"], spec.providers["pbx"]
    assert words((listen.public, listen.admin, listen.metrics, listen.trusted_proxies)) == (
        *("0.0.0.0:80", "unix:/run/a", "127.0.0.1:9090"),
        ("10.0.0.1",),
    )
    assert words(spec.state) == "/var/lib/switchhook"
    assert [(secret.source, secret.name) for secret in twilio.secrets] == [("env", "NEW"), ("file", "/run/old")]
    assert {name: secret.name for name, secret in twilio.signing_keys.items()} == {"K1": "KEY"}
    assert (twilio.algorithms, pbx.algorithms) == (("sha256",), ("sha1", "sha256"))
    assert words(pbx.account) == "AC1"
    assert words((twilio.api, pbx.api, pbx.api_key)) == ("https://api.ie1.twilio.com", None, None)
    assert twilio.api_key is not None
    assert (twilio.api_key.id, twilio.api_key.secret.name) == (Secret("env", "KEY_ID", twilio.api_key.id.at), "key")
    assert spec.mail is not None
    assert words((spec.mail.server, spec.mail.tls, spec.mail.user, spec.mail.sender)) == (
        *("[::1]:465", "implicit", "phone", "phone@example.com"),
    )
    crm, log = spec.webhooks["crm"], spec.webhooks["log"]
    assert (words(crm.url), [secret.name for secret in crm.secrets]) == (
        "https://crm.example.com/h?a=1",
        ["NEW", "old"],
    )
    assert (crm.events, log.events) == (("missed", "voicemail"), ("call", "text", "missed", "voicemail", "override"))
    safety = spec.safety
    assert words(safety.countries) == ("US",)
    assert (safety.max_diversions, safety.max_legs, safety.max_forwards_per_hour) == (0, 5, 9)
    assert words((spec.failsafe.say, spec.failsafe.voicemail)) == ("Sorry.", "main")


def test_when_the_file_is_silent() -> None:
    """What is not said has its documented default."""
    spec = spec_of("listen: {admin: 127.0.0.1:1}\nvoicemail: {main: {}}\ndefaults: {}\nreplies: {}\nblock: {}\n")
    silent = spec_of("")

    assert words((spec.listen.public, silent.listen.public, silent.listen.admin)) == (
        *("127.0.0.1:8080", "127.0.0.1:8080", "127.0.0.1:8081"),
    )
    assert (silent.public_url, words(silent.state)) == (None, "state")
    for each in (spec, silent):
        assert (each.defaults.ring_for.value, each.defaults.press_1, each.defaults.teammate_sees) == (
            20,
            "outside",
            "caller",
        )
        assert (each.replies.from_mobile, each.replies.conversation_for.value) == (True, 259_200)
        assert (each.block.entries, each.block.answer) == ((), "busy")
        assert (each.safety.countries, each.safety.max_diversions, each.safety.max_legs) == (None, 3, 30)
        assert each.safety.max_forwards_per_hour is None
    box = spec.boxes["main"]
    assert (box.max.value, box.transcribe, box.private, box.keep, box.notify) == (120, False, False, None, ())
    assert silent.tests == ()


def test_sections_of_the_office() -> None:
    """Defaults, replies, block and groups are read as written."""
    spec = spec_of("""
defaults: {ring_for: 25s, press_1: always, teammate_sees: business}
replies: {from_mobile: no, conversation_for: 24h, stop: Bye., start: Hello., help: Call us.}
block: {from: anonymous, answer: declined}
callers:
  vip: {numbers: ["+1 212 555 0177", "+1 508 555 01xx"], verified: yes}
  press: anonymous
tests: a.yaml
""")

    assert (spec.defaults.ring_for.value, spec.defaults.press_1, spec.defaults.teammate_sees) == (
        25,
        "always",
        "business",
    )
    assert (spec.replies.from_mobile, spec.replies.conversation_for.value) == (False, 86_400)
    assert words((spec.replies.stop, spec.replies.start, spec.replies.help)) == ("Bye.", "Hello.", "Call us.")
    assert (words(spec.block.entries), spec.block.answer) == (("anonymous",), "declined")
    vip, press = spec.groups["vip"], spec.groups["press"]
    assert (words(vip.entries), vip.verified) == (("+1 212 555 0177", "+1 508 555 01xx"), True)
    assert (words(press.entries), press.verified) == (("anonymous",), False)


def test_a_whole_number() -> None:
    """Steps, rules, texts and what is said of missed calls are read in all their forms."""
    number = spec_of("""
numbers:
  boston:
    number: "+1 617 555 0100"
    provider: {calls: pbx, texts: twilio, also_from: old}
    hours: {mon-fri: 09:00-17:00, holidays: closed}
    voicemail: main
    language: en-US
    rules:
      - name: suppliers at night
        from: [suppliers, "+1 212 555 0177"]
        via: "+1 617 555 0101"
        words: [urgent, leak]
        when: closed
        calls: {voicemail: main}
        texts: {drop: yes}
    calls:
      open:
        - ring: [anna, ben]
          for: 20s
          even_if: away
        - say: Hello.
        - play: hello.mp3
        - reject: busy
        - hangup
        - {hangup: yes}
      closed: {voicemail: main}
    texts:
      closed: {to: front, even_if: [off-hours], copy: anna, hold: until-open, reply: Soon., urgent: {words: fire, to: ben, even_if: away}}
    missed: {notify: front, text_back: Sorry.}
""").numbers["boston"]

    assert words((number.provider.calls, number.provider.texts, number.provider.also_from)) == (
        "pbx",
        "twilio",
        ("old",),
    )
    assert isinstance(number.hours, ScheduleSpec)
    rule = number.rules[0]
    assert words((rule.name, rule.callers, rule.via, rule.words, rule.when)) == (
        *("suppliers at night", ("suppliers", "+1 212 555 0177"), ("+1 617 555 0101",)),
        *(("urgent", "leak"), "closed"),
    )
    assert rule.at == Mark("f.yaml", 11, 9)
    assert rule.texts
    assert rule.texts.drop
    assert [type(step) for step in number.calls_open or ()] == [
        *(RingSpec, SaySpec, PlaySpec, RejectSpec, HangupSpec, HangupSpec),
    ]
    ring = (number.calls_open or ())[0]
    assert isinstance(ring, RingSpec)
    assert (words(ring.targets), ring.seconds and ring.seconds.value, words(ring.even_if)) == (
        ("anna", "ben"),
        20,
        ("away",),
    )
    assert isinstance((number.calls_closed or ())[0], VoicemailStepSpec)
    assert number.texts_open is None
    texts = number.texts_closed
    assert texts
    assert texts.urgent
    assert words((texts.targets, texts.copy, texts.reply, texts.even_if)) == (
        ("front",),
        ("anna",),
        "Soon.",
        ("off-hours",),
    )
    assert (texts.hold, texts.drop) == (True, False)
    assert words((texts.urgent.words, texts.urgent.targets, texts.urgent.even_if)) == (("fire",), ("ben",), ("away",))
    assert number.missed
    assert words((number.missed.notify, number.missed.text_back, number.language)) == (("front",), "Sorry.", "en-US")


def test_one_provider_for_both() -> None:
    """One name brings calls and texts; without `texts` so does the provider of the calls."""
    spec = spec_of('numbers: {a: {number: "1", provider: x}, b: {number: "2", provider: {calls: y}}}')

    found = [words((number.provider.calls, number.provider.texts)) for number in spec.numbers.values()]
    assert found == [("x", "x"), ("y", "y")]


def test_boxes_and_plans() -> None:
    """Everything a box and a plan can say is read."""
    spec = spec_of("""
voicemail:
  main: {greeting: {play: hi.mp3}, notify: [a, b], max: 3m, transcribe: yes, private: yes, address: a@b.example, language: de, keep: 720h}
plans:
  storm: {calls: [{voicemail: main}]}
  snow: {texts: {to: a}}
""")

    box = spec.boxes["main"]
    assert isinstance(box.greeting, PlaySpec)
    assert words((box.notify, box.address, box.language)) == (("a", "b"), "a@b.example", "de")
    assert (box.max.value, box.keep and box.keep.value, box.transcribe, box.private) == (180, 2_592_000, True, True)
    assert spec.plans["storm"].texts is None
    assert spec.plans["snow"].calls is None


def test_business_with_everything() -> None:
    """Holidays, language and place of the business are read."""
    text = """
business:
  name: Maple
  timezone: America/New_York
  country: US
  region: MA
  holidays: {skip: Columbus Day, add: {2026-11-27: Day after Thanksgiving}}
  language: en-US
"""
    spec, problems = read_files("f.yaml", {"f.yaml": text.encode()})

    assert problems == []
    assert spec
    business = spec.business
    assert words((business.country, business.region, business.language)) == ("US", "MA", "en-US")
    assert words(business.holidays.skip) == ("Columbus Day",)
    assert len(business.holidays.add) == 1


def test_devices_keep_where_they_were_written() -> None:
    """A device's address knows its place."""
    anna = spec_of('people: {anna: {devices: {desk: "sip:a@b.c"}}}').people["anna"]

    assert anna.devices == (DeviceSpec("desk", Word("sip:a@b.c", Mark("f.yaml", 2, 33, 11)), None),)
