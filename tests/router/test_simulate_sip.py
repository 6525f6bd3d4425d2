"""The simulator as a proxy that speaks SIP: it rings what it is told, and asks again when it is one that does."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import attrs
import pytest
from twisted.internet.defer import Deferred

from adapters.sip.asked import SipAnswer, SipAsked
from adapters.sip.framing import read_datagram
from adapters.sip.message import Request, Response
from adapters.sip.response import respond
from router.simulate.play import Stage
from router.simulate.scenario import RingEnd, Scenario, SimulationError
from router.simulate.sip import Datagrams
from router.simulate.wire import UnreachableError
from router.sip.decider import EngineDecider
from rules.load import load

OFFICE = """
listen: {public: "127.0.0.1:0", admin: "127.0.0.1:0"}
providers:
  pbx:
    adapter: sip
    listen: [udp:0.0.0.0:5060]
    peers: [{name: here, source: 127.0.0.1, follows_redirects: yes, trust_identity: yes}]
    contact_hosts: pbx.example
business: {name: Acme, timezone: America/New_York, country: US, region: MA}
schedules: {office: {mon-fri: 09:00-17:00, holidays: closed}}
people:
  anna: {devices: {desk: "sip:anna@pbx.example"}, texts_by: [email], email: anna@acme.example}
  ben: {devices: {mobile: {address: "+1 617 555 0142", press_1: never}}, texts_by: [email], email: ben@acme.example}
block: {from: ["+1 305 555 0123"], answer: busy}
numbers:
  main:
    number: "+1 617 555 0100"
    provider: pbx
    hours: office
    voicemail: main
    calls: {open: [{ring: anna}, {ring: ben}], closed: [{voicemail: main}]}
    texts: {open: {to: anna}}
voicemail: {main: {address: "sip:vm@pbx.example"}}
"""


@attrs.define(eq=False)
class Daemon:
    """An engine at the other end, without sockets; *instead* is answered in its place."""

    engines: ModuleType
    text: str = OFFICE
    instead: SipAnswer | None = None
    requests: list[Request] = attrs.field(factory=list)
    settings: Any = attrs.field(init=False)
    place: Any = attrs.field(init=False)
    ids: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        rules = self.engines.office(self.text)
        self.settings = rules.settings
        self.place = self.engines.Office(rules=rules, provider=rules.settings.sip["pbx"].provider)

    def stage(self) -> Stage:
        """Return where scenarios are played."""
        loaded = load("r.yaml", {"r.yaml": self.text.encode()}, lambda _: None)
        assert loaded.book is not None
        assert loaded.spec is not None
        return Stage(
            loaded.book,
            loaded.spec,
            self.settings,
            {},
            now=lambda: self.engines.TUESDAY_10,
            new_id=self.new_id,
            find=lambda key, _state: {"rule": key},
            exchange=lambda place: lambda write, ack: self.exchange(place, write, ack),
        )

    def new_id(self) -> str:
        """Count up, instead of chance."""
        self.ids += 1
        return f"{self.ids:032x}"

    def exchange(
        self, place: tuple[str, int], write: Callable[[int], bytes], ack: Callable[[int, Response], bytes | None]
    ) -> tuple[Request, Response]:
        """Decide a request."""
        assert place == ("127.0.0.1", 5060)
        request = read_datagram(write(5070))
        assert isinstance(request, Request)
        self.requests.append(request)
        provider = self.settings.sip["pbx"].provider
        decider = EngineDecider(self.place.engine, lambda: provider, lambda _: self.engines.TUESDAY_10)
        got: list[SipAnswer] = []
        asked = SipAsked(request, self.settings.sip["pbx"].peers[0], "udp", None)
        Deferred.fromCoroutine(decider.decide(asked)).addCallback(got.append)
        answer = self.instead or got[0]
        final = read_datagram(respond(request, answer.code, to_tag="t", headers=answer.headers))
        assert isinstance(final, Response)
        acknowledged = ack(5070, final)
        assert (acknowledged is None) == (request.method != "INVITE")
        return request, final


def beats(daemon: Daemon, *legs: str, caller: str = "+1 212 555 0100", **how: Any) -> list[dict[str, Any]]:
    """Play a call or text, and return what happened."""
    stage = daemon.stage()
    scenario = Scenario(
        number=stage.book.numbers["main"], caller=caller, legs=tuple(RingEnd(leg) for leg in legs), **how
    )  # type: ignore[arg-type]
    return [beat.data for beat in stage.play(scenario).beats]


def told(found: list[dict[str, Any]]) -> list[Any]:
    """Return what happened in a word each."""
    return [
        next((beat[word] for word in ("rings", "answered_by", "voicemail", "reject") if word in beat), None)
        for beat in found
    ]


@pytest.mark.parametrize(
    ("legs", "story"),
    [
        pytest.param(["answered"], [["anna"], "anna"], id="the first takes it"),
        pytest.param(["busy", "answered"], [["anna"], ["ben"], "ben"], id="the second takes it"),
        pytest.param([], [["anna"], ["ben"], "main"], id="nobody does"),
        pytest.param(["hung-up"], [["anna"]], id="the caller gives up"),
    ],
)
@pytest.mark.parametrize("again", [False, True])
def test_a_call(engines: ModuleType, legs: list[str], story: list[Any], again: bool) -> None:
    """Whom the answers name is rung in order, all at once told or one step at a time."""
    office = OFFICE.replace("trust_identity: yes", f"trust_identity: yes, asks_again: {'yes' if again else 'no'}")
    daemon = Daemon(engines, office)

    assert told(beats(daemon, *legs)) == story
    assert len(daemon.requests) == (
        len([each for each in story if isinstance(each, list)]) + (not legs) if again else 1
    )


def test_a_refusal(engines: ModuleType) -> None:
    """A blocked caller hears the tone."""
    assert beats(Daemon(engines), caller="+1 305 555 0123") == [{"reject": "busy"}]


def test_nobody_is_left(engines: ModuleType) -> None:
    """When the contacts are used up and the peer does not ask again, the caller hears that."""
    daemon = Daemon(engines, instead=SipAnswer(302, headers=(("Contact", "<sip:anna@pbx.example>"),)))

    assert told(beats(daemon)) == [["anna"], "unavailable"]


def test_round_and_round(engines: ModuleType) -> None:
    """A daemon that never comes to an end is told of."""
    daemon = Daemon(engines, OFFICE.replace("trust_identity: yes", "trust_identity: yes, asks_again: yes"))
    daemon.instead = SipAnswer(302, headers=(("Contact", "<sip:anna@pbx.example>"),))

    with pytest.raises(SimulationError, match="circles"):
        beats(daemon)


def test_who_calls(engines: ModuleType) -> None:
    """The request says who calls, whether that is attested, and at which moment it is played."""
    daemon = Daemon(engines)
    at = datetime(2026, 11, 24, 10, tzinfo=UTC)

    beats(daemon, "answered", verified=True, at=at)
    beats(daemon, "answered", caller="")

    assert daemon.requests[0].headers.first("switchhook-demo-now") == at.isoformat()
    attested, hidden = daemon.requests
    assert "verstat=TN-Validation-Passed-A" in (attested.headers.first("p-asserted-identity") or "")
    assert attested.target == "sip:+16175550100@127.0.0.1"
    assert "anonymous.invalid" in (hidden.headers.first("from") or "")


def test_a_text(engines: ModuleType) -> None:
    """A text is taken."""
    daemon = Daemon(engines)

    assert beats(daemon, text="Are you open?") == [{"reply": None}]
    assert daemon.requests[0].body == b"Are you open?"


def test_a_text_that_is_not_taken(engines: ModuleType) -> None:
    """One that is refused is told of."""
    with pytest.raises(SimulationError, match="503"):
        beats(Daemon(engines, instead=SipAnswer(503)), text="Are you open?")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("source: 127.0.0.1", "source: 10.0.0.7", "no peer of 'pbx' may ask from this machine"),
        ("udp:0.0.0.0:5060", "tcp:0.0.0.0:5060", "does not listen on a UDP port"),
    ],
)
def test_what_cannot_be_played(engines: ModuleType, old: str, new: str, message: str) -> None:
    """What keeps the simulator from asking is told in words."""
    with pytest.raises(SimulationError, match=message):
        beats(Daemon(engines, OFFICE.replace(old, new)))


# ---------------------------------------------------------------- over a socket


@pytest.fixture
def answering() -> Iterator[tuple[str, int]]:
    """Answer on a UDP port of this machine: 100, then 302, and take the ACK."""
    place = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    place.bind(("127.0.0.1", 0))

    def serve() -> None:
        data, sender = place.recvfrom(65535)
        request = read_datagram(data)
        assert isinstance(request, Request)
        for code in (100, 302):
            place.sendto(respond(request, code, to_tag="t"), sender)
        place.recvfrom(65535)

    thread = threading.Thread(target=serve)
    thread.start()
    yield place.getsockname()
    thread.join(5)
    place.close()
    assert not thread.is_alive()


def _options(port: int) -> bytes:
    lines = [
        "INVITE sip:a@b SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK1",
        "Call-ID: c",
        "CSeq: 1 INVITE",
    ]
    return "\r\n".join([*lines, "From: <sip:a@b>;tag=1", "To: <sip:a@b>", "", ""]).encode()


def test_over_a_socket(answering: tuple[str, int]) -> None:
    """The final answer is waited for, and acknowledged."""
    _, final = Datagrams(answering)(_options, lambda _port, _answer: b"ACK sip:a@b SIP/2.0\r\n\r\n")

    assert final.code == 302


def test_nobody_answers() -> None:
    """Without a daemon the sentence says how to start one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        place = taken.getsockname()

    with pytest.raises(UnreachableError, match="switchhook run"):
        Datagrams(place)(_options, lambda _port, _answer: None)
