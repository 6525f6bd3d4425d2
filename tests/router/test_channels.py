"""Texts, mail and web hooks over real sockets of this machine: each fault of the other side, and what is made of it."""

import json
from collections.abc import Iterator
from random import Random
from types import ModuleType
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol
from twisted.web.client import BrowserLikePolicyForHTTPS

from adapters.outcome import CannotTell, NotReached, NotThere, Refused, Sent, Unknown
from adapters.sending import RestReply, RestRequest
from router.channels.http import Line, NeverReachedError, NoAnswerError
from router.simulate.fake.faults import Fault, Faults

reactor: Any = installed


@pytest.fixture
def bench(channels: ModuleType) -> Iterator[Any]:
    """Return a fake provider that listens, and is gone after the test."""
    made = channels.Bench.started(reactor)
    yield made
    pytest_twisted.blockon(Deferred.fromCoroutine(made.fake.stop()))


# ---------------------------------------------------------------- texts


@pytest_twisted.ensureDeferred
async def test_a_text_arrives(bench: Any, channels: ModuleType) -> None:
    """With its words, numbers and our own links; the id it got is told."""
    media = ("https://phone.example/media/a.jpg", "https://elsewhere.example/b.jpg")

    outcome = await bench.sms().send(channels.text(media=media, expires_at=int(channels.NOW) + 60))

    (arrival,) = bench.fake.arrivals.all
    assert outcome == Sent(arrival.reference)
    assert (arrival.to, arrival.sender, arrival.body) == ("+12125550177", "+16175550100", "Grüße, bis morgen 😀")
    assert arrival.media == media[:1]
    assert bench.timer.getDelayedCalls() == []


@pytest.mark.parametrize(
    ("fault", "outcome", "taken"),
    [
        pytest.param(Fault("error"), Unknown("the provider stumbled (HTTP 500)"), False, id="an error before"),
        pytest.param(Fault("error-after"), Unknown("the provider stumbled (HTTP 500)"), True, id="an error after"),
        pytest.param(Fault("cut"), Unknown("the provider did not answer: the connection was closed"), False, id="cut before"),
        pytest.param(Fault("cut-after"), Unknown("the provider did not answer: the connection was closed"), True, id="taken, then cut"),
        pytest.param(Fault("busy", 7), Refused("the provider asks us to slow down (20429)", retry_after=7.0), False, id="asked to slow down"),
        pytest.param(Fault("slow", 0.01), Sent("SM" + "0" * 31 + "1"), True, id="slow"),
        pytest.param(Fault("nonsense"), Unknown("the provider's answer makes no sense"), True, id="an answer without sense"),
        pytest.param(Fault("refuse", code=21408), Refused("the account may not text to this country (21408)", permanent=True), False, id="refused for good"),
    ],
)  # fmt: skip
@pytest_twisted.ensureDeferred
async def test_what_goes_wrong_with_a_text(
    bench: Any, channels: ModuleType, fault: Fault, outcome: Any, taken: bool
) -> None:
    """What may have been taken is unknown, and the list of the provider tells."""
    bench.fake.faults.plan(fault)
    channel = bench.sms()

    said = await channel.send(channels.text())
    found = await channel.look_up(channels.text(), channels.NOW, lambda _: False)

    assert said == outcome
    assert found == (Sent(bench.fake.arrivals.all[0].reference) if taken else NotThere())


@pytest.mark.parametrize(("kind", "taken"), [("hang", False), ("hang-after", True)])
@pytest_twisted.ensureDeferred
async def test_a_provider_that_never_answers(bench: Any, channels: ModuleType, kind: Any, taken: bool) -> None:
    """Is given fifteen seconds, and then nobody knows."""
    bench.fake.faults.plan(Fault(kind))
    met = bench.fake.faults.met

    said = await channels.timed_out(bench, bench.sms().send(channels.text()), lambda: met[kind])

    assert said == Unknown("the provider did not answer: no answer in time")
    assert len(bench.fake.arrivals.all) == taken


@pytest_twisted.ensureDeferred
async def test_nobody_listens(bench: Any, channels: ModuleType) -> None:
    """Nothing can have been taken; and when somebody listens again, it goes through."""
    await bench.fake.refuse()
    channel = bench.sms()

    said = await channel.send(channels.text())
    found = await channel.look_up(channels.text(), channels.NOW, lambda _: False)
    bench.fake.listen_again()
    again = await channel.send(channels.text())

    assert said == NotReached("the provider was not reached: nobody listens there")
    assert found == CannotTell("the provider could not be asked: nobody listens there")
    assert isinstance(again, Sent)


@pytest_twisted.ensureDeferred
async def test_a_long_list_is_gone_through_page_by_page(bench: Any, channels: ModuleType) -> None:
    """Up to a limit; the same words sent before belong to others."""
    channel = bench.sms()
    first = await channel.send(channels.text())
    for n in range(45):
        await channel.send(channels.text(body=f"text {n}"))

    found = await channel.look_up(channels.text(), channels.NOW, lambda _: False)
    others = await channel.look_up(channels.text(), channels.NOW, lambda reference: reference == first.reference)

    assert found == first
    assert others == NotThere()


@pytest_twisted.ensureDeferred
async def test_a_list_without_end(bench: Any, channels: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is left after some pages: nobody can tell."""
    monkeypatch.setattr("adapters.twilio.rest.PAGE", 1)
    channel = bench.sms()
    for n in range(7):
        await channel.send(channels.text(body=f"text {n}"))

    found = await channel.look_up(channels.text(), channels.NOW, lambda _: False)

    assert found == CannotTell("the provider has too many texts to go through")


@pytest_twisted.ensureDeferred
async def test_a_list_that_comes_slowly(bench: Any, channels: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is left after ten seconds: whoever waits for it has others to wait for."""
    monkeypatch.setattr("adapters.twilio.rest.PAGE", 1)
    channel = bench.sms()
    for n in range(3):
        await channel.send(channels.text(body=f"text {n}"))
    asked: list[RestRequest] = []
    exchange = Line.exchange

    async def slowly(line: Line, request: RestRequest) -> RestReply:
        asked.append(request)
        reply = await exchange(line, request)
        bench.timer.advance(5.1)
        return reply

    monkeypatch.setattr(Line, "exchange", slowly)

    found = await channel.look_up(channels.text(), channels.NOW, lambda _: False)

    assert found == CannotTell("the provider has too many texts to go through")
    assert len(asked) == 2


@pytest_twisted.ensureDeferred
async def test_a_wrong_secret(bench: Any, channels: ModuleType) -> None:
    """Is told as what it is; it may be mended."""
    channel = bench.sms(secret="another")

    said = await channel.send(channels.text())
    found = await channel.look_up(channels.text(), channels.NOW, lambda _: False)

    assert said == Refused("the provider refuses our account and secret (20003)")
    assert found == CannotTell("the provider does not say which texts it has (HTTP 401)")


@pytest_twisted.ensureDeferred
async def test_who_opted_out(bench: Any, channels: ModuleType) -> None:
    """Is told apart from other refusals."""
    bench.fake.twilio.opted_out.add(("+12125550177", "+16175550100"))

    said = await bench.sms().send(channels.text())

    assert isinstance(said, Refused)
    assert (said.permanent, said.opted_out) == (True, True)


@pytest_twisted.ensureDeferred
async def test_each_text_is_there_once(bench: Any, channels: ModuleType) -> None:
    """
    Whoever goes by the outcomes sends each text exactly once, whatever goes wrong on the way.

    Again after a refusal for now or when nobody was reached; looked for first when it is unknown. Every third text has the
    same words as the others of its kind.
    """
    bench.fake.faults = bench.fake.twilio.faults = Faults(
        Random(20), rate=0.6, kinds=("error", "error-after", "cut", "cut-after", "busy", "nonsense")
    )
    channel = bench.sms()
    taken: set[str] = set()
    texts = [channels.text(key=f"k{n}", body="The same." if n % 3 == 0 else f"Text {n}.") for n in range(90)]

    for each in texts:
        outcome: Any = None
        while not isinstance(outcome, Sent):
            outcome = await channel.send(each)
            if isinstance(outcome, Unknown):
                outcome = await channel.look_up(each, channels.NOW, taken.__contains__)
        taken.add(outcome.reference)

    assert [arrival.body for arrival in bench.fake.arrivals.all] == [each.body for each in texts]
    assert len(taken) == len(texts)
    assert len(bench.fake.faults.met) == 6


# ---------------------------------------------------------------- the line


class _Says(Protocol):
    """Answers whatever comes with the same bytes, and hangs up."""

    said = b""
    stays = False
    met: list[object] = []

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        """Answer."""
        self.met.append(self)
        self.transport.write(self.said)  # type: ignore[union-attr, call-arg, misc]
        if not self.stays:
            self.transport.loseConnection()  # type: ignore[union-attr, misc]


class _Server:
    """A server that says *said*, over TLS with *tls*."""

    def __init__(self, said: bytes, *, stays: bool = False, tls: Any = None) -> None:
        self.met: list[object] = []
        factory: Any = Factory.forProtocol(type("Says", (_Says,), {"said": said, "stays": stays, "met": self.met}))
        factory.noisy = False
        self.listening = (
            reactor.listenSSL(0, factory, tls, interface="127.0.0.1")
            if tls
            else reactor.listenTCP(0, factory, interface="127.0.0.1")
        )
        self.port = self.listening.getHost().port


async def exchanged(bench: Any, url: str, limit: int = 1000) -> Any:
    """Return the answer of a request, or the error."""
    try:
        return await bench.line().exchange(RestRequest("GET", url, {"X-One": "1"}), limit=limit)
    except (NeverReachedError, NoAnswerError) as error:
        return error


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        pytest.param(
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\nok",
            RestReply(302, {"location": "http://127.0.0.1:1/"}, b"ok"),
            id="a redirect is an answer",
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\nuntil the end", RestReply(200, {}, b"until the end"), id="no length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", "the connection was closed", id="cut in the middle"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + b"x" * 1001, "the answer is too large", id="too large"),
        pytest.param(b"220 mail.example ESMTP\r\n", "the connection broke", id="no HTTP"),
    ],
)  # fmt: skip
@pytest_twisted.ensureDeferred
async def test_what_a_server_says(bench: Any, said: bytes, answer: Any) -> None:
    """Nothing is followed; what is no whole answer is none."""
    server = _Server(said)

    got = await exchanged(bench, f"http://127.0.0.1:{server.port}/x?a=%2B1&b=c%20d")
    await server.listening.stopListening()

    if isinstance(answer, str):
        assert isinstance(got, NoAnswerError)
        assert str(got) == answer
    else:
        assert (got.code, got.body) == (answer.code, answer.body)
        assert got.headers.items() >= answer.headers.items()


@pytest_twisted.ensureDeferred
async def test_a_body_that_never_ends(bench: Any, channels: ModuleType) -> None:
    """The head alone is no answer."""
    server = _Server(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", stays=True)
    waiting = Deferred.fromCoroutine(exchanged(bench, f"http://127.0.0.1:{server.port}/"))
    await channels.until(lambda: server.met)
    bench.timer.advance(15)

    got = await waiting
    await server.listening.stopListening()

    assert isinstance(got, NoAnswerError)
    assert str(got) == "no answer in time"


@pytest_twisted.ensureDeferred
async def test_the_address_is_asked_for_as_it_is_written(bench: Any) -> None:
    """Whatever is escaped in it, and without cookies or a language nobody asked for."""
    seen: list[bytes] = []

    class Notes(_Says):
        said = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: a=b\r\n\r\n"

        def dataReceived(self, data: bytes) -> None:  # noqa: N802
            seen.append(data)
            super().dataReceived(data)

    factory: Any = Factory.forProtocol(Notes)
    factory.noisy = False
    listening = reactor.listenTCP(0, factory, interface="127.0.0.1")

    await exchanged(bench, f"http://127.0.0.1:{listening.getHost().port}/a%2Fb?To=%2B1212&c=d%20e+f&g=%F0%9F%98%80&h")
    await listening.stopListening()

    assert seen[0].startswith(b"GET /a%2Fb?To=%2B1212&c=d%20e+f&g=%F0%9F%98%80&h HTTP/1.1\r\n")
    assert b"X-One: 1" in seen[0]
    assert b"ookie" not in seen[0]


@pytest.mark.parametrize(
    ("name", "trusted", "reached"),
    [
        pytest.param("127.0.0.1", True, True, id="its certificate is in order"),
        pytest.param("127.0.0.1", False, False, id="nobody we trust has signed it"),
        pytest.param("elsewhere.example", True, False, id="it is of another host"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_certificates(bench: Any, channels: ModuleType, name: str, trusted: bool, reached: bool) -> None:
    """Without a handshake nothing of ours is read: that is as if nobody listened."""
    shown, root = channels.certificate(name)
    server = _Server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", tls=shown)
    bench.trust = BrowserLikePolicyForHTTPS(root if trusted else None)

    got = await exchanged(bench, f"https://127.0.0.1:{server.port}/")
    await server.listening.stopListening()

    assert isinstance(got, RestReply if reached else NeverReachedError)
    assert reached or "certificate" in str(got)


@pytest_twisted.ensureDeferred
async def test_cut_after_the_handshake(bench: Any, channels: ModuleType) -> None:
    """From then on somebody may have read us."""
    shown, root = channels.certificate("127.0.0.1")
    server = _Server(b"", tls=shown)
    bench.trust = BrowserLikePolicyForHTTPS(root)

    got = await exchanged(bench, f"https://127.0.0.1:{server.port}/")
    await server.listening.stopListening()

    assert isinstance(got, NoAnswerError)


@pytest_twisted.ensureDeferred
async def test_a_server_that_does_not_shake_hands(bench: Any, channels: ModuleType) -> None:
    """Connected, but nothing was read: nobody was reached."""
    server = _Server(b"", stays=True)
    waiting = Deferred.fromCoroutine(exchanged(bench, f"https://127.0.0.1:{server.port}/"))
    await channels.until(lambda: server.met)
    bench.timer.advance(15)

    got = await waiting
    await server.listening.stopListening()

    assert isinstance(got, NeverReachedError)
    assert str(got) == "no answer in time"


# ---------------------------------------------------------------- web hooks


@pytest_twisted.ensureDeferred
async def test_a_web_hook_is_told(bench: Any, channels: ModuleType) -> None:
    """As a CloudEvent, signed with every key, so that one the receiver knows is among them."""
    outcome = await bench.webhook().send(channels.event())

    (arrival,) = bench.fake.arrivals.all
    assert outcome == Sent("")
    assert (arrival.to, arrival.subject, arrival.reference) == ("crm", "switchhook.missed", "01ABC.1/1")
    assert json.loads(arrival.body) == {"number": "boston", "at": "2026-11-27T15:00:00Z"}


def test_a_cloud_event(channels: ModuleType, bench: Any) -> None:
    """The fields of CloudEvents 1.0; the same body each time, so that a repeat is one."""
    request = bench.webhook().request(channels.event())
    plain = json.loads(bench.webhook().request(channels.event(subject=None, body="No JSON")).body)

    assert json.loads(request.body) == {
        "specversion": "1.0",
        "id": "01ABC.1/1",
        "source": "https://phone.example",
        "type": "switchhook.missed",
        "subject": "01ABC",
        "time": "2026-11-27T15:00:00Z",
        "datacontenttype": "application/json",
        "data": {"number": "boston", "at": "2026-11-27T15:00:00Z"},
    }
    assert request.headers["Content-Type"] == "application/cloudevents+json; charset=utf-8"
    assert request.headers["webhook-id"] == "01ABC_1_1"
    assert len(request.headers["webhook-signature"].split()) == 2
    assert (plain["type"], plain["data"], "time" in plain) == ("switchhook.event", {"text": "No JSON"}, False)
    assert "second-key" not in repr(bench.webhook())


@pytest.mark.parametrize(
    ("fault", "outcome", "times"),
    [
        pytest.param(Fault("error"), Refused("the web hook refuses (HTTP 500)"), 0, id="an error"),
        pytest.param(Fault("error-after"), Refused("the web hook refuses (HTTP 500)"), 1, id="taken, then an error"),
        pytest.param(Fault("cut-after"), NotReached("the web hook did not answer: the connection was closed"), 1, id="taken, then cut"),
        pytest.param(Fault("busy", 9), Refused("the web hook refuses (HTTP 429)", retry_after=9.0), 0, id="asked to slow down"),
        pytest.param(Fault("refuse"), Refused("the web hook refuses (HTTP 400)"), 0, id="refused"),
        pytest.param(Fault("nonsense"), Sent(""), 1, id="any 2xx will do"),
    ],
)  # fmt: skip
@pytest_twisted.ensureDeferred
async def test_what_goes_wrong_with_a_web_hook(
    bench: Any, channels: ModuleType, fault: Fault, outcome: Any, times: int
) -> None:
    """It is told again, and knows the repeat by its id."""
    bench.fake.faults.plan(fault)

    said = await bench.webhook().send(channels.event())
    again = await bench.webhook().send(channels.event())

    assert (said, again) == (outcome, Sent(""))
    assert [arrival.repeat for arrival in bench.fake.arrivals.all] == [False, True][: times + 1]


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        pytest.param(b"410 Gone", Refused("the web hook is gone for good (HTTP 410)", permanent=True), id="gone"),
        pytest.param(b"404 Not Found", Refused("the web hook refuses (HTTP 404)"), id="not there for now"),
        pytest.param(b"301 Moved\r\nLocation: https://evil.example", Refused("the web hook refuses (HTTP 301)"), id="moved"),
        pytest.param(b"503 Later\r\nRetry-After: x", Refused("the web hook refuses (HTTP 503)"), id="later, whenever that is"),
    ],
)  # fmt: skip
@pytest_twisted.ensureDeferred
async def test_what_a_web_hook_answers(bench: Any, channels: ModuleType, said: bytes, outcome: Any) -> None:
    """Only 410 means never again."""
    server = _Server(b"HTTP/1.1 " + said + b"\r\nContent-Length: 0\r\n\r\n")

    got = await bench.webhook(f"http://127.0.0.1:{server.port}/").send(channels.event())
    await server.listening.stopListening()

    assert got == outcome


@pytest_twisted.ensureDeferred
async def test_web_hooks_that_are_not_believed(bench: Any, channels: ModuleType) -> None:
    """With a key the receiver does not know; and nobody there can be asked anything."""
    await bench.fake.refuse()
    unreached = await bench.webhook().send(channels.event())
    bench.fake.listen_again()
    channel = bench.webhook(keys=(b"unknown",))

    said = await channel.send(channels.event())

    assert unreached == NotReached("the web hook was not reached: nobody listens there")
    assert said == Refused("the web hook refuses (HTTP 403)")
    assert bench.fake.arrivals.all == []
    assert isinstance(await channel.look_up(channels.event(), 0, lambda _: False), CannotTell)
