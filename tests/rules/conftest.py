"""A small company for the tests of deciding: written as its office would, loaded as the daemon would."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from rules.book import RuleBook
from rules.deciding import Timetable, never, window_around
from rules.event import Diversion, IncomingCall, IncomingText
from rules.inquiry import Override, inquire
from rules.load import load
from rules.plan import Decision
from rules.settled import Live

COMPANY = """
version: 1
listen: {public: 127.0.0.1:8080, admin: 127.0.0.1:8081}
public_url: https://phone.example.com
providers:
  line: {adapter: generic, secret: env:LINE_SECRET}
  other: {adapter: generic, secret: env:OTHER_SECRET}
safety: {countries: [US, GB], max_diversions: 3, max_forwards_per_hour: 60}
business: {name: Acme, timezone: America/New_York, country: US, region: MA}
schedules:
  office: {mon-fri: 09:00-17:00, holidays: normal}
  nights: {mon-fri: 22:00-06:00}
people:
  ann:
    devices: {mobile: "+1 617 555 0141"}
    texts_by: [sms]
    cover: bob
    away:
      - {from: 2026-12-14, to: 2026-12-18}
      - {from: 2026-12-21 12:00, until: 2026-12-28 08:30, cover: cat}
      - {from: 2027-02-01, to: 2027-02-05, only: calls}
  bob: {devices: {mobile: "+1 617 555 0142"}, hours: {mon-fri: 10:00-16:00}, texts_by: [sms], cover: ann, away: [{from: 2026-12-17, to: 2026-12-23}]}
  cat: {devices: {desk: "sip:cat@pbx.example.com"}, texts_by: [email], email: cat@example.com, cover: crew}
  dan: {devices: {mobile: "+1 617 555 0144"}, texts_by: [sms], last_day: 2026-11-30, handover: cat}
  eve: {devices: {mobile: "+1 617 555 0145"}, texts_by: [sms], away: [{from: 2026-12-07, to: 2026-12-07, cover: cat}]}
teams:
  crew: {members: [ann, bob], how: in-turn, each: 15s}
  all: {members: [ann, bob, cat, dan], how: all-at-once, each: 25s}
  shift: {members: [cat, eve], how: take-turns, each: 10s}
  duty: {members: [eve, ann, bob], how: rota, change: mon 09:00, first: 2026-11-02, each: 30s, even_if: [off-hours]}
  desk: {members: [bob], how: in-turn, each: 12s}
callers:
  vip: ["+1 212 555 0177"]
  proven: {numbers: ["+1 212 555 0188"], verified: true}
  works: ["+1 508 555 01xx"]
block: {from: ["+1 305 555 0123", "+1 212 555 xxxx"], answer: busy}
numbers:
  main:
    number: "+1 617 555 0100"
    provider: line
    hours: office
    voicemail: box
    rules:
      - {name: favoured, from: vip, calls: [{ring: ann}, {ring: all}], texts: {to: ann}}
      - {name: attested, from: proven, calls: [{ring: cat}]}
      - {name: trades at night, from: works, when: closed, calls: [{voicemail: other}]}
      - {name: forwarded, via: "+1 617 555 0199", calls: [{ring: eve, for: 7s}]}
      - {name: bills, words: [invoice, bill], texts: {to: bob}}
      - {name: night shift, when: nights, from: anonymous, calls: [{say: "Hello from {business}."}, {hangup}]}
    calls:
      open: [{ring: crew}, {ring: duty}]
      closed: [{voicemail: box}]
    texts:
      open: {to: crew, copy: cat}
      closed: {to: crew, hold: until-open, reply: "We open {next_open}.", urgent: {words: [urgent, leak], to: duty}}
  side:
    number: "+1 617 555 0101"
    provider: {calls: line, texts: other, also_from: [other]}
    calls: {open: [{say: "Please wait."}, {ring: desk}]}
    texts: {open: {to: shift}}
    voicemail: box
voicemail:
  box: {greeting: {say: "Leave a message; we open {next_open}."}, notify: crew, max: 2m}
  other: {greeting: {say: "Order number, please."}, notify: bob, max: 1m}
plans:
  storm: {calls: [{say: "Storm."}, {ring: duty}], texts: {to: duty, reply: "Storm, {caller}."}}
""".replace("{hangup}", "{hangup: yes}")


@pytest.fixture(scope="session")
def company_text() -> str:
    """Return the rules of the small company as written."""
    return COMPANY


@pytest.fixture(scope="session")
def company() -> RuleBook:
    """Return the book of the small company."""
    loaded = load("company.yaml", {"company.yaml": COMPANY.encode()}, lambda _name: None)
    assert loaded.book, "\n".join(problem.show(COMPANY) for problem in loaded.problems)
    return loaded.book


def moment(text: str) -> int:
    """Return the UTC epoch seconds of an ISO moment with its offset."""
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp())


Ask = Callable[..., Decision]


@pytest.fixture
def call(company: RuleBook) -> Ask:
    """Decide a call: `call("2026-11-24T10:00:00-05:00", caller="+1…", to=…, via=[…], verified=…, overrides=…)`."""

    def decide(
        at: str,
        caller: str = "+12015550100",
        to: str = "+16175550100",
        *,
        via: tuple[str, ...] = (),
        verified: bool | None = None,
        provider: str = "line",
        live: Live = never,
        overrides: tuple[Override, ...] = (),
    ) -> Decision:
        hops = tuple(Diversion(number) for number in via)
        happening = IncomingCall(
            provider=provider, account="", id="1", to=to, caller=caller, diversions=hops, verified=verified
        )
        when = moment(at)
        return Timetable(company, window_around(when), overrides).decide(inquire(company, happening), when, live)

    return decide


@pytest.fixture
def text(company: RuleBook) -> Ask:
    """Decide a text: `text("2026-11-24T10:00:00-05:00", "body", caller=…, to=…, …)`."""

    def decide(
        at: str,
        body: str = "hello",
        caller: str = "+12015550100",
        to: str = "+16175550100",
        *,
        opt_out: str | None = None,
        provider: str = "line",
        live: Live = never,
        overrides: tuple[Override, ...] = (),
    ) -> Decision:
        happening = IncomingText(
            provider=provider,
            account="",
            id="1",
            to=to,
            caller=caller,
            text=body,
            opt_out=opt_out,  # type: ignore[arg-type]
        )
        when = moment(at)
        return Timetable(company, window_around(when), overrides).decide(inquire(company, happening), when, live)

    return decide
