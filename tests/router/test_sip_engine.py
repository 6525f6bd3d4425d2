"""A call by SIP through the engine: recorded once, given whole, led on when the proxy asks again."""

from types import ModuleType
from typing import Any

import attrs
import pytest
from twisted.internet.defer import Deferred

from adapters.sip.asked import SipAnswer, SipAsked
from adapters.sip.framing import read_datagram
from adapters.sip.message import Request
from adapters.sip.peers import Peer, Peers
from router.sip.decider import EngineDecider

OFFICE = """
listen: {public: "127.0.0.1:0", admin: "127.0.0.1:0"}
providers:
  pbx:
    adapter: sip
    listen: udp:127.0.0.1:0
    domains: biz.example.com
    peers:
      - {name: edge, source: 10.0.0.7, follows_redirects: yes, trust_identity: yes}
      - {name: patient, source: 10.0.0.8, follows_redirects: yes, trust_identity: yes, asks_again: yes}
    contact_hosts: pbx.example
    sms_mode: SMS
failsafe: {say: Please leave a message., voicemail: main}
business: {name: Acme, timezone: America/New_York, country: US, region: MA}
schedules:
  office: {mon-fri: 09:00-17:00, holidays: closed}
people:
  anna: {devices: {desk: "sip:anna@pbx.example"}, texts_by: [email], email: anna@acme.example}
  ben: {devices: {desk: "sip:ben@pbx.example"}, texts_by: [email], email: ben@acme.example}
callers:
  vip: ["+1 212 555 0199"]
numbers:
  main:
    number: "sip:100@biz.example.com"
    provider: pbx
    hours: office
    voicemail: main
    rules:
      - {name: vip, from: vip, calls: [{ring: ben}]}
    calls: {open: [{ring: anna}, {ring: ben}], closed: [{voicemail: main}]}
    texts: {open: {to: [anna, ben]}, closed: {to: anna, hold: until-open}}
    missed: {notify: ben}
voicemail:
  main: {address: "sip:vm@pbx.example"}
"""


@attrs.define(eq=False)
class Line:
    """The daemon's end of SIP, on an engine in memory."""

    engines: ModuleType
    place: Any
    at: float

    def asked(
        self, *lines: str, peer: str = "10.0.0.7", branch: str = "1", method: str = "INVITE", call: str = "c1"
    ) -> SipAsked:
        """Write a request, and take it as one of *peer*."""
        said = [
            f"{method} sip:100@biz.example.com SIP/2.0",
            f"Via: SIP/2.0/UDP {peer};branch=z9hG4bK{branch}",
            "From: <sip:+12125550177@carrier.example>;tag=1",
            "To: <sip:100@biz.example.com>",
            f"Call-ID: {call}",
            f"CSeq: 1 {method}",
            *lines,
            "",
            "",
        ]
        request = read_datagram("\r\n".join(said).encode())
        assert isinstance(request, Request)
        found = Peers(self.place.rules.settings.sip["pbx"].peers).of(peer, "udp")
        assert isinstance(found, Peer)
        return SipAsked(request, found, "udp", "biz.example.com")

    @property
    def decider(self) -> EngineDecider:
        """Return what decides."""
        provider = self.place.rules.settings.sip["pbx"].provider
        return EngineDecider(self.place.engine, lambda: provider, lambda _: self.at)

    def answer(self, *lines: str, **how: str) -> SipAnswer:
        """Ask, and return the answer."""
        answers: list[SipAnswer] = []
        Deferred.fromCoroutine(self.decider.decide(self.asked(*lines, **how))).addCallback(answers.append)
        (answer,) = answers
        return answer


def users(answer: SipAnswer) -> list[str]:
    """Return whom an answer names."""
    return [value.partition("@")[0].removeprefix("<sip:") for name, value in answer.headers if name == "Contact"]


@pytest.fixture
def line(engines: ModuleType) -> Line:
    """Return an office that is open."""
    return made(engines)


def made(engines: ModuleType, *, sms_mode: str = "accept", at: float | None = None) -> Line:
    """Make an office."""
    opened = engines.TUESDAY_10 if at is None else at
    office = engines.office(OFFICE.replace("SMS", sms_mode), opened)
    provider = office.settings.sip["pbx"].provider
    place = engines.Office(rules=office, provider=provider, clock=engines.FixedClock(opened))
    return Line(engines, place, opened)


def test_the_whole_plan_at_once(line: Line) -> None:
    """A proxy that never reports gets all steps in one answer, and nothing is kept for later in the record."""
    answer = line.answer()

    assert (answer.code, users(answer)) == (302, ["anna", "ben", "vm"])
    (record,) = line.place.journal.records
    assert (record.kind, record.public["rule"]) == ("call", "main.calls.open")
    assert "state" not in record.private
    assert record.private["answer"]["body"].startswith("SIP/2.0 302 Moved Temporarily\r\nContact: <sip:anna@")


def test_one_call_is_recorded_once(line: Line) -> None:
    """A copy in another transaction gets the stored answer, and no second record."""
    first, copy = line.answer(), line.answer(branch="2")

    assert copy == first
    assert len(line.place.journal.records) == 1


def test_asking_again(line: Line) -> None:
    """When nobody of the plan took the call the box is next, and the call counts as missed; then there is nothing left."""
    line.answer()

    again = line.answer("Reason: SIP;cause=408", branch="2")
    copy = line.answer("Reason: SIP;cause=408", branch="2")
    last = line.answer("Reason: SIP;cause=408", branch="3")

    assert users(again) == ["vm"]
    assert copy == again
    assert last == SipAnswer(480)
    _, missed, over = line.place.journal.records
    assert (missed.kind, missed.public["outcome"], missed.public["result"]) == ("next", "no answer", "no-answer")
    assert [effect["kind"] for effect in missed.private["outbox"]] == ["missed"]
    assert missed.private["state"]["outcome"] == "no answer"
    assert "outbox" not in over.private


def test_a_step_at_a_time(line: Line) -> None:
    """A proxy that asks again gets one step, then the next, then the box; what is not over is not kept."""
    first = line.answer(peer="10.0.0.8")
    second = line.answer("Reason: SIP;cause=486", peer="10.0.0.8", branch="2")
    third = line.answer("Reason: SIP;cause=408", peer="10.0.0.8", branch="3")

    assert [users(each) for each in (first, second, third)] == [["anna"], ["ben"], ["vm"]]
    _, busy, missed = line.place.journal.records
    assert (busy.public["outcome"], "state" in busy.private) == ("busy", False)
    assert (missed.public["outcome"], "state" in missed.private) == ("no answer", True)


def test_a_call_we_no_longer_know(line: Line) -> None:
    """Asked about a call from before, the phones are not rung once more: the end of the plan is the answer."""
    answer = line.answer("Reason: SIP;cause=408")

    assert users(answer) == ["vm"]
    assert [record.kind for record in line.place.journal.records] == ["call"]


def test_nothing_is_kept_for_ever(line: Line) -> None:
    """A call of which nothing is heard is forgotten without a word once nobody can ask about it."""
    line.answer()
    assert len(line.place.engine.shared.calls) == 1

    line.place.engine.shared.calls.forget_unheard(line.at + 100)
    assert len(line.place.engine.shared.calls) == 1
    line.place.engine.shared.calls.forget_unheard(line.at + 10_000)

    assert len(line.place.engine.shared.calls) == 0
    assert not line.place.engine.shared.calls.is_ringing(["sip:anna@pbx.example"], line.at)
    assert len(line.place.journal.records) == 1


@pytest.mark.parametrize(
    ("outcome", "told", "missed"),
    [
        pytest.param("cancelled", "caller hung up", 1, id="hung up"),
        pytest.param("unacknowledged", "unacknowledged", 0, id="perhaps never heard"),
    ],
)
def test_what_became_of_the_answer(line: Line, outcome: Any, told: str, missed: int) -> None:
    """A caller who hung up has missed us; an answer that may not have arrived is noted, and the call goes on."""
    line.answer()

    line.decider.ended(line.asked(), outcome)

    call, ended = line.place.journal.records
    assert (ended.kind, ended.public["id"], ended.public["outcome"]) == ("ended", call.public["id"], told)
    assert len(ended.private.get("outbox", [])) == missed


def test_a_text_that_was_not_heard_of(line: Line) -> None:
    """How the answer to a text fared is no call's end."""
    line.decider.ended(line.asked(method="MESSAGE"), "unacknowledged")

    assert line.place.journal.records == []


def test_a_hidden_vip(line: Line) -> None:
    """A rule knows a caller by the number the network vouches for, and nobody is shown it."""
    answer = line.answer("P-Asserted-Identity: <sip:+12125550199@carrier.example>", "Privacy: id")

    assert users(answer) == ["ben", "vm"]
    (record,) = line.place.journal.records
    assert (record.public["rule"], record.private["from"]) == ("main.rules.vip", "anonymous")
    assert "2125550199" not in str(record)


def test_a_text(line: Line) -> None:
    """A text is taken, recorded, and ours to deliver."""
    assert line.answer(method="MESSAGE") == SipAnswer(202)
    (record,) = line.place.journal.records
    assert [effect["kind"] for effect in record.private["outbox"]] == ["deliver"]


@pytest.mark.parametrize(("hours", "code", "who"), [(0, 302, ["anna", "ben"]), (12, 202, [])])
def test_a_text_that_is_sent_elsewhere(engines: ModuleType, hours: int, code: int, who: list[str]) -> None:
    """In the mode redirect a text is answered with who gets it, and not delivered by us; one that has to wait is taken."""
    line = made(engines, sms_mode="redirect", at=engines.TUESDAY_10 + hours * 3600)

    answer = line.answer(method="MESSAGE")

    assert (answer.code, users(answer)) == (code, who)
    (record,) = line.place.journal.records
    assert bool(record.private["outbox"]) == (code == 202)


def test_after_hours(engines: ModuleType) -> None:
    """When nobody is in the box is told that it is the hour."""
    answer = made(engines, at=engines.TUESDAY_22).answer()

    assert users(answer) == ["vm"]
    assert "reason=time-of-day" in dict(answer.headers)["Diversion"]


def test_in_trouble(line: Line) -> None:
    """Without a decision in time a caller gets to the box, and a text is sent back to come again."""
    assert users(line.decider.on_error(line.asked(), "deadline")) == ["vm"]
    assert line.decider.on_error(line.asked(method="MESSAGE"), "error").code == 503
    assert line.decider.ready


def test_without_a_disk(line: Line) -> None:
    """While nothing can be written a call gets its real answer, and a text is sent back."""
    line.place.journal.down = True

    assert users(line.answer()) == ["anna", "ben", "vm"]
    assert line.answer(method="MESSAGE", call="c2").code == 503
