"""What changes between two files, by meaning: exactly the hours and callers, one paragraph for one edit."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.also import also_changed
from rules.deciding import DAY
from rules.diff import Change, compare
from rules.event import Diversion, IncomingCall, IncomingText
from rules.explore import KINDS, Explorer
from rules.inquiry import Inquiry, inquire
from rules.load import load
from rules.pairs import Side
from rules.paragraphs import paragraphs
from rules.plan import Hold
from rules.spaces import questions
from rules.telldiff import in_words, named, outcome_json
from rules.timeline import Window

START = 1_795_392_000  # Mon 23 Nov 2026 00:00 UTC
WINDOW = Window(START, START + 60 * DAY)


def side(text: str) -> Side:
    """Load rules that must be good."""
    loaded = load("a.yaml", {"a.yaml": text.encode()}, lambda _name: None)
    assert loaded.book, "\n".join(problem.show(text) for problem in loaded.problems)
    assert loaded.spec
    return Side(loaded.book, loaded.spec)


def told(old: str, new: str, *, full: bool = False, window: Window = WINDOW) -> list[str]:
    """Tell what changes for callers."""
    found = compare(side(old), side(new), window)
    return in_words(found, paragraphs(found.changes), full=full)


def edited(text: str, *edits: tuple[str, str]) -> str:
    """Make edits that must fit."""
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text


OFFICE = "office: {mon-fri: 09:00-17:00, holidays: normal}"


def test_a_closing_moved_by_an_hour(company_text: str) -> None:
    """Exactly the hours and callers, what was, what becomes; a paragraph for each pair of rules."""
    later = edited(company_text, (OFFICE, "office: {mon-thu: 09:00-17:00, fri: 09:00-16:00, holidays: normal}"))

    others = told(company_text, later)
    calls = next(each for each in others if each.startswith("main calls from number"))

    assert calls == (
        "main calls from number, short-code, named-sender, unrecognised, own-number, anonymous, teammate: "
        "8 times, 8.0 h, always Fri 16:00-17:00; first Fri 27 Nov 2026, last Fri 15 Jan 2027\n"
        "    was main.calls.open: ring crew (in-turn: ann) -> ring duty (rota: eve) -> voicemail box\n"
        "    now main.calls.closed: voicemail box\n"
        "    (most of the time; 4 other ways, by who is in, away or on duty: --full)"
    )
    assert any("now main.rules.trades at night: voicemail other" in each for each in others)
    assert all("always Fri 16:00-17:00" in each for each in others)


def test_nothing_changes(company_text: str) -> None:
    """Comments, quotes and the order of keys mean nothing."""
    lines = company_text.splitlines()
    swapped = "\n".join([*lines[:2], lines[3], lines[2], *lines[4:], "# the end"])

    assert told(company_text, swapped) == []
    assert also_changed(side(company_text), side(swapped), str) == []


@pytest.mark.parametrize(
    ("edit", "count", "said"),
    [
        pytest.param(
            ('say: "Leave a message; we', 'say: "Hello, we'),
            1,
            ["voicemail box (say “Hello, we open {next_open}.”; at most 120 s)"],
            id="a greeting, whichever rule leads there",
        ),
        pytest.param(
            ("how: all-at-once, each: 25s", "how: all-at-once, each: 26s"),
            1,
            ["ring all (all-at-once: ", ", 26 s -> "],
            id="ring seconds",
        ),
        pytest.param(
            ("first: 2026-11-02", "first: 2026-11-09"),
            2,
            ["main.calls.open: ring crew -> ring duty (rota: ", "main.texts.closed: deliver to duty ("],
            id="a rota's turns are no lines of their own",
        ),
        pytest.param(
            ('vip: ["+1 212 555 0177"]', 'vip: ["+1 212 555 0177", "+1 212 444 0100"]'),
            1,
            ["main calls from vip (until now number), also diverted from +16175550199: all the time"],
            id="a caller who is somebody else now",
        ),
        pytest.param(
            ("max_diversions: 3", "max_diversions: 4"),
            1,
            ["side calls from everyone, diverted too often: all the time"],
            id="what is taken for a loop",
        ),
        pytest.param(
            ("name: favoured", "name: vip"),
            1,
            ["decided by main.rules.vip, until now by main.rules.favoured; what happens is the same"],
            id="a rule's name",
        ),
        pytest.param(
            ("words: [invoice, bill]", "words: [invoice]"),
            4,
            [", with “bill”"],
            id="a word of a list, although another stands first",
        ),
        pytest.param(
            ('[{say: "Please wait."}, {ring: desk}]', '[{say: "One moment."}, {ring: desk}]'),
            1,
            ["was side.calls.open: say “Please wait.” -> ", "now side.calls.open: say “One moment.” -> "],
            id="what is said before it rings",
        ),
        pytest.param(
            ("answer: busy", "answer: declined"),
            1,
            ["calls from blocked ", "was block: refuse (busy)\n    now block: refuse (declined)"],
            id="how the blocked are answered",
        ),
        pytest.param(
            (OFFICE, "office: {mon: 10:00-17:00, tue-fri: 09:00-17:00, holidays: normal}"),
            None,
            [": the next opening is Mon 09:00\n", ": the next opening is Mon 10:00"],
            id="the opening that is told at the weekend",
        ),
        pytest.param(
            ("office: {mon-fri: 09:00-17:00, holidays: normal}", "office: {2026-01-01: 09:00-17:00, holidays: normal}"),
            None,
            ["no next opening"],
            id="never open again",
        ),
    ],
)
def test_one_edit(company_text: str, edit: tuple[str, str], count: int | None, said: list[str]) -> None:
    """One edit is one paragraph, or one for each rule it matters to."""
    paragraphs_told = told(company_text, edited(company_text, edit))

    assert count is None or len(paragraphs_told) == count, paragraphs_told
    for words in said:
        assert any(words in paragraph for paragraph in paragraphs_told), paragraphs_told


def test_every_interval(company_text: str) -> None:
    """`--full` lists each time, with what was and is when that varies."""
    later = edited(company_text, ("hours: {mon-fri: 10:00-16:00}", "hours: {mon-fri: 10:00-15:00}"))

    paragraph = told(company_text, later, full=True)[0]

    assert "      Mon 23 Nov 2026 15:00-16:00  main calls  was ring crew (in-turn: ann, bob)" in paragraph
    assert "--full" not in paragraph


def test_intervals_that_are_alike_are_listed_bare(company_text: str) -> None:
    """With one wording there is nothing to repeat."""
    renamed = edited(company_text, ("answer: busy", "answer: declined"))

    assert "      Mon 23 Nov 2026 00:00 to Fri 22 Jan 2027 00:00  main calls\n" in "\n".join(
        told(company_text, renamed, full=True, window=Window(START + 5 * 3600, START + 60 * DAY + 5 * 3600))
    )


def test_numbers_that_come_go_and_change_their_name(company_text: str) -> None:
    """A number only one file knows is told as such; a new name is no change for callers."""
    other = edited(company_text, ('number: "+1 617 555 0101"', 'number: "+1 617 555 0109"'))
    renamed = edited(company_text, ("\n  side:\n", "\n  annex:\n"))

    assert told(company_text, other)[:2] == [
        "side (+16175550109) is new: calls and texts to it are refused until now",
        "side (+16175550101) is gone: calls and texts to it are refused from now on",
    ]
    assert told(company_text, renamed) == []
    (also,) = also_changed(side(company_text), side(renamed), str)
    assert also.in_words() == "the name of +16175550101: was side, now annex"


def test_what_else_changed(company_text: str) -> None:
    """Facts that decide nothing are told in a line each; the numbers of devices are masked."""
    new = edited(
        company_text,
        ("{calls: line, texts: other, also_from: [other]}", "line"),
        ("notify: crew, max: 2m", "notify: all, private: yes, keep: 720h, max: 2m"),
        ("+1 617 555 0145", "+1 617 555 0149"),
        ('say: "Storm."', 'say: "Big storm."'),
        ("texts: {to: duty, reply", "texts: {to: duty, copy: cat, hold: until-open, even_if: [away], reply"),
        ("admin: 127.0.0.1:8081", "admin: 127.0.0.1:8082"),
        ("name: Acme", "name: Acme Ltd"),
    )

    lines = [also.in_words() for also in also_changed(side(company_text), side(new), lambda text: text[:12] + "***")]

    assert lines == [
        "the name of the business, {business} in texts: was Acme, now Acme Ltd",
        "side: texts come from: was other, now line",
        "side: also accepts what comes from: was other, now nothing",
        "voicemail box: notices go to: was crew, now all",
        "voicemail box: names and numbers stay out of notices: was no, now yes",
        "voicemail box: recordings are kept for: was ever, now 2592000 s",
        "plan storm: calls: was say “Storm.” -> ring duty, now say “Big storm.” -> ring duty",
        "plan storm: texts: was to duty, reply “Storm, {caller}.”, "
        "now to duty, even if away, hold until open, copy to cat, reply “Storm, {caller}.”",
        "listens for administration at: was 127.0.0.1:8081, now 127.0.0.1:8082",
        "eve: rings: was mobile +1617***, now mobile +1617***",
    ]


def test_what_operations_changed(company_text: str) -> None:
    """Where things listen, who brings events and how they sign; where a secret is kept, never the secret."""
    base = edited(
        company_text,
        ("voicemail:\n  box:", 'voicemail:\n  spare: {greeting: {say: "Spare."}, notify: crew}\n  box:'),
        (
            "{ring: duty}], texts: {to: duty, reply",
            "{ring: duty, for: 7s, even_if: [away]}], texts: {to: duty, urgent: {words: [fire], to: duty}, reply",
        ),
    )
    new = edited(
        base,
        ("adapter: generic, secret: env:LINE_SECRET", "adapter: twilio, account: env:SID, secret: file:/run/token"),
        ('"Spare."', '"Spare one."'),
        ("for: 7s, even_if: [away]", "for: 9s"),
        ('texts: {to: duty, urgent: {words: [fire], to: duty}, reply: "Storm, {caller}."}', "texts: {drop: yes}"),
        ("bob: {devices: {mobile", "bob: {pin: env:PIN, devices: {mobile"),
        (
            'cat: {devices: {desk: "sip:cat@pbx.example.com"}',
            'cat: {devices: [{desk: "sip:cat@pbx.example.com"}, {cell: "+1 617 555 0150"}]',
        ),
    )

    lines = [also.in_words() for also in also_changed(side(base), side(new), str)]

    assert lines == [
        "voicemail spare: greeting: was “Spare.”, now “Spare one.”",
        "plan storm: calls: was say “Storm.” -> ring duty for 7 s, even if away, now say “Storm.” -> ring duty for 9 s",
        "plan storm: texts: was to duty, reply “Storm, {caller}.”, with fire to duty, now record only",
        "provider line: speaks: was generic, now twilio",
        "provider line: account: was nothing, now env:SID",
        "provider line: secrets are read from: was env:LINE_SECRET, now file:/run/token",
        "bob: PIN is read from: was nothing, now env:PIN",
        "cat: rings: was desk sip:cat@pbx.example.com, "
        "now one after another: desk sip:cat@pbx.example.com, cell +16175550150 (press 1)",
    ]


def test_what_is_sent_otherwise(company_text: str) -> None:
    """The mail server, web hooks, the provider's address and key; where secrets are kept, never those."""
    new = edited(
        company_text,
        (
            "secret: env:LINE_SECRET",
            "secret: env:LINE_SECRET, api: https://a.example, api_key: {id: SK1, secret: env:K}",
        ),
        (
            "safety: {",
            'mail: {server: "m.example:465", tls: implicit, user: u, password: env:M, from: a@m.example}\n'
            "webhooks: {crm: {url: https://crm.example, secret: [env:A, file:b], events: [call, text]}}\nsafety: {",
        ),
        ("line: {adapter: generic", "line: {adapter: twilio"),
    )

    lines = [also.in_words() for also in also_changed(side(company_text), side(new), str)]

    assert lines == [
        "provider line: speaks: was generic, now twilio",
        "provider line: texts are sent to the address: was nothing, now https://a.example",
        "provider line: sends with the key: was nothing, now SK1, env:K",
        "mail goes to the server: was nothing, now m.example:465, implicit",
        "mail server: logs in as: was nothing, now u",
        "mail server: password is read from: was nothing, now env:M",
        "mail comes from: was nothing, now a@m.example",
        "web hook crm: goes to: was nothing, now https://crm.example",
        "web hook crm: is told of: was nothing, now call, text",
        "web hook crm: secrets are read from: was nothing, now env:A, file:b",
    ]


PBX = """\
  pbx:
    adapter: sip
    listen: "udp:10.0.0.5:5060"
    peers: [{name: edge, source: 10.0.0.7}]
    contact_hosts: pbx.example.com
"""


def test_a_provider_that_speaks_sip(company_text: str) -> None:
    """Where it listens, who may ask and what they may; where secrets are kept, never those."""
    old = edited(company_text, ("providers:\n", f"providers:\n{PBX}"))
    new = edited(
        old,
        ("adapter: sip\n", "adapter: sip\n    tls: {certificate: c.pem, key: k.pem, client_ca: ca.pem}\n"),
        ("udp:10.0.0.5:5060", "tls:10.0.0.5:5061"),
        (
            "{name: edge, source: 10.0.0.7}",
            "{name: edge, source: 10.0.0.7, tls_subject: edge.example, transports: [tls], auth: digest, user: u,"
            " secret: env:S, rate: 5/s, follows_redirects: yes, trust_identity: yes, called_from: to, asks_again: yes,"
            " parallel: yes}, {name: other, tls_subject: other.example}",
        ),
        (
            "contact_hosts: pbx.example.com\n",
            "contact_hosts: [pbx.example.com, 10.0.0.9]\n    domains: biz.example\n    max_contacts: 3\n"
            "    sms_mode: redirect\n    on_error: sip:desk@pbx.example.com\n",
        ),
    )

    assert [also.in_words() for also in also_changed(side(old), side(new), str)] == [
        "provider pbx: listens at: was udp:10.0.0.5:5060, now tls:10.0.0.5:5061",
        "provider pbx: its certificate and key: was nothing, now c.pem, k.pem",
        "provider pbx: certificates of peers are signed by: was nothing, now ca.pem",
        "provider pbx: our domains: was nothing, now biz.example",
        "provider pbx: calls may be sent to: was pbx.example.com, now pbx.example.com, 10.0.0.9",
        "provider pbx: addresses in one answer, at most: was 8, now 3",
        "provider pbx: texts are: was accepted, now redirected",
        "provider pbx: address given in trouble: was nothing, now sip:desk@pbx.example.com",
        "provider pbx: peer edge: was asks from 10.0.0.7, now asks from 10.0.0.7 over tls; has a certificate for"
        " edge.example; proves itself as u with env:S; 5 requests a second at most; rings telephone numbers itself;"
        " is believed who calls; names the number called in to; asks again when nobody answered; rings several at once",
        "provider pbx: peer other: was nothing, now asks from anywhere; has a certificate for other.example",
    ]


def test_a_plan_and_a_person_that_are_new(company_text: str) -> None:
    """What only one file has was nothing before."""
    new = edited(company_text, ("plans:\n", "plans:\n  flood: {calls: [{ring: cat}]}\n"))

    assert [also.in_words() for also in also_changed(side(company_text), side(new), str)] == [
        "plan flood: calls: was nothing, now ring cat"
    ]


def test_json_of_an_outcome(company_text: str) -> None:
    """The same for scripts: rules, plans, callers, times."""
    later = edited(company_text, (OFFICE, "office: {mon-thu: 09:00-17:00, fri: 09:00-16:00, holidays: normal}"))
    found = compare(side(company_text), side(later), WINDOW)
    outcome = paragraphs(found.changes)[0].outcomes[0]

    brief, full = (outcome_json(outcome, full=full) for full in (False, True))

    assert brief["kind"] == "call"
    assert brief["now"] == {
        "rules": ["main.calls.closed"],
        "words": "voicemail box",
        "plan": [{"voicemail": "box"}],
        "next_open": None,
    }
    assert "intervals" not in brief
    intervals = full["intervals"]
    assert isinstance(intervals, list)
    assert {"from", "until", "number", "kind", "callers", "said", "was", "now"} == set(intervals[0])


@pytest.mark.parametrize(
    ("callers", "everybody", "words"),
    [
        pytest.param(["a", "b"], {"a", "b"}, "everyone", id="all"),
        pytest.param(["a", "b", "c", "d", "e"], {*"abcdef"}, "everyone but f", id="nearly all"),
        pytest.param(["a", "b"], {*"abc"}, "a, b", id="few are listed"),
        pytest.param(
            ["a", "teammate x", "teammate y"], {"a", "b", "teammate x", "teammate y"}, "a, teammate", id="team"
        ),
        pytest.param(["a", "teammate x"], {"a", "teammate x", "teammate y"}, "a, teammate x", id="one of the team"),
    ],
)
def test_callers_are_named_shortly_and_exactly(callers: list[str], everybody: set[str], words: str) -> None:
    """Never more than are affected, never fewer."""
    assert named(callers, frozenset(everybody)) == words


# ---------------------------------------------------------------- against deciding directly

EDITS = [
    (OFFICE, "office: {mon-thu: 09:00-17:00, fri: 09:30-16:00, holidays: closed}"),
    ("hours: {mon-fri: 10:00-16:00}", "hours: {mon-fri: 10:00-15:30}"),
    ("crew: {members: [ann, bob]", "crew: {members: [bob, cat, ann]"),
    ("from: 2026-12-14, to: 2026-12-18", "from: 2026-12-15, to: 2026-12-18"),
    ('vip: ["+1 212 555 0177"]', 'vip: ["+1 212 555 0177", "+1 508 555 0107"]'),
    ("words: [invoice, bill]", "words: [invoice]"),
    ("words: [urgent, leak]", "words: [leak, fire]"),
    ("first: 2026-11-02", "first: 2026-11-09"),
    ("max_diversions: 3", "max_diversions: 5"),
    ("Leave a message; we open", "Please leave a message; we open"),
    ("answer: busy", "answer: voicemail"),
    ('via: "+1 617 555 0199"', 'via: ["+1 617 555 0198", "+1 617 555 0199"]'),
    ("each: 15s", "each: 18s"),
    ('works: ["+1 508 555 01xx"]', 'works: ["+1 508 555 xxxx"]'),
    ("last_day: 2026-11-30", "last_day: 2026-12-03"),
    ("+1 617 555 0145", "+1 617 555 0149"),
    ("name: favoured, from: vip", "name: favoured, from: [vip, works]"),
    ("\n  side:\n", "\n  annex:\n"),
    ('block: {from: ["+1 305 555 0123"', 'block: {from: ["+1 508 555 xx22"'),
]
CALLERS = [
    *("+12015550100", "+12125550177", "+15085550107", "+15085550122", "+15085550907", "anonymous", "262966", "ACME"),
    *("+16175550145", "+16175550149", "+16175550144", "+13055550123", "+12125550999", "+16175550101", "+12125550188"),
]
TEXTS = ["good day", "the bill", "an invoice", "a leak", "urgent: the bill", "fire", "stop", "HELP", "away"]
HOPS = [(), ("+16175550199",), ("+16175550198",), ("anonymous",) * 3, ("anonymous",) * 5]


Key = tuple[object, ...]


def key_of(one: Inquiry, other: Inquiry) -> Key:
    """Name what two books can tell of an event."""
    key: list[object] = [one.kind]
    for inquiry in (one, other):
        assert inquiry.number
        person = inquiry.caller.person if inquiry.kind == "text" else None
        key += [inquiry.number.e164, inquiry.truths() & questions(inquiry.number, inquiry.kind), person]
    return tuple(key)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    edits=st.lists(st.sampled_from(EDITS), min_size=1, max_size=5, unique=True),
    before=st.lists(st.sampled_from(EDITS), max_size=2, unique=True),
    moments=st.lists(st.integers(WINDOW.start, WINDOW.end - 1), min_size=4, max_size=6),
    callers=st.lists(st.sampled_from(CALLERS), min_size=4, max_size=4, unique=True),
)
def test_what_it_says_has_changed_and_nothing_else(
    company_text: str,
    edits: list[tuple[str, str]],
    before: list[tuple[str, str]],
    moments: list[int],
    callers: list[str],
) -> None:
    """Deciding by both books directly: what the diff tells differs, what it does not tell is alike."""
    base = edited(company_text, *before)
    old, new = side(base), side(edited(base, *(edit for edit in edits if edit[0] in base and edit not in before)))
    told_of: dict[Key, list[Change]] = {}
    for change in compare(old, new, WINDOW).changes:
        told_of.setdefault(key_of(change.pair.old.inquiry, change.pair.new.inquiry), []).append(change)
    around = Window(WINDOW.start - 8 * DAY, WINDOW.end + 60 * DAY)
    tables = [Explorer(each.book, each.spec, around).timetable for each in (old, new)]
    events: list[IncomingCall | IncomingText] = []
    for number in new.book.numbers.values():
        for caller in callers:
            events += [
                IncomingCall(
                    provider="line",
                    account="",
                    id="",
                    to=number.e164,
                    caller=caller,
                    diversions=tuple(map(Diversion, hops)),
                )
                for hops in HOPS
            ]
            provider = number.providers["text"]
            events += [
                IncomingText(provider=provider, account="", id="", to=number.e164, caller=caller, text=text)
                for text in TEXTS
            ]

    for event in events:
        one, other = inquire(old.book, event), inquire(new.book, event)
        changes = told_of.get(key_of(one, other), [])
        for moment in moments:
            was, now = tables[0].decide(one, moment), tables[1].decide(other, moment)
            waits = any(isinstance(step, Hold) and step.until == "open" for step in now.plan)
            differs = was.plan != now.plan or (waits and was.next_open != now.next_open)
            renamed = was.rule.replace("side.", "annex.") != now.rule.replace("side.", "annex.")
            mentioned = any(change.start <= moment < change.end for change in changes)
            assert mentioned is (differs or renamed), (event, moment, was, now)


def test_every_change_is_one(company_text: str) -> None:
    """The book against itself: no kind of event, no moment."""
    found = compare(side(company_text), side(company_text), WINDOW)

    assert found.changes == ()
    assert {kind for _, kind in found.callers} == set(KINDS)
