"""Texts by a generic provider over real sockets of this machine: each fault of the other side, and what is made of it."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred

from adapters.api import RawRequest
from adapters.generic import Generic
from adapters.generic.signature import ID, SIGNATURE, TIMESTAMP, sign
from adapters.outcome import CannotTell, NotReached, NotThere, Refused, Sent, Unknown
from adapters.sending import RestRequest
from router.simulate.fake.faults import Fault
from rules.event import Receipt

reactor: Any = installed
FIRST = Sent("sms-" + "0" * 31 + "1")
STUMBLED = Refused("the provider stumbled (HTTP 500)")


@pytest.fixture
def bench(channels: ModuleType) -> Iterator[Any]:
    """Return a fake provider that listens, and is gone after the test."""
    made = channels.Bench.started(reactor, public_url="https://phone.example")
    yield made
    pytest_twisted.blockon(Deferred.fromCoroutine(made.fake.stop()))


@pytest_twisted.ensureDeferred
async def test_a_text_arrives_and_is_reported(bench: Any, channels: ModuleType) -> None:
    """With its words, numbers and our own links; the receipts are what the adapter reads, signed for it."""
    media = ("https://phone.example/media/a.jpg", "https://elsewhere.example/b.jpg")

    outcome = await bench.exchange().send(channels.text(media=media, expires_at=int(channels.NOW) + 60))
    await channels.until(lambda: len(bench.fake.reports) == 2)

    (arrival,) = bench.fake.arrivals.all
    assert outcome == Sent(arrival.reference)
    assert (arrival.to, arrival.sender, arrival.body) == ("+12125550177", "+16175550100", "Grüße, bis morgen 😀")
    assert arrival.media == media[:1]
    provider, told = Generic("pbx", "https://phone.example", None, [channels.TOKEN]), []
    for report, _ in bench.fake.reports:
        headers = {name.lower(): [value] for name, value in report.headers.items()}
        request = RawRequest("POST", report.url, ("status",), headers, report.body, channels.NOW)
        provider.verify(request)
        told += provider.read(request)
    assert [(each.message_id, each.state) for each in told if isinstance(each, Receipt)] == [
        (arrival.reference, "sent"),
        (arrival.reference, "delivered"),
    ]


CUT = Unknown("the provider did not answer: the connection was closed")


@pytest.mark.parametrize(
    ("fault", "outcome", "taken"),
    [
        pytest.param(Fault("error"), STUMBLED, False, id="an error before"),
        pytest.param(Fault("error-after"), STUMBLED, True, id="an error after"),
        pytest.param(Fault("cut"), CUT, False, id="cut before"),
        pytest.param(Fault("cut-after"), CUT, True, id="taken, then cut"),
        pytest.param(
            Fault("busy", 7),
            Refused("the provider asks us to slow down (HTTP 429)", retry_after=7.0),
            False,
            id="asked to slow down",
        ),
        pytest.param(Fault("slow", 0.01), FIRST, True, id="slow"),
        pytest.param(
            Fault("nonsense"),
            Unknown("the answer of the provider does not name the text"),
            True,
            id="an answer without sense",
        ),
        pytest.param(
            Fault("refuse"), Refused("the provider refuses the text (HTTP 400)", permanent=True), False, id="refused"
        ),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_goes_wrong(bench: Any, channels: ModuleType, fault: Fault, outcome: Any, taken: bool) -> None:
    """What may have been taken can be looked up; and however often it is posted, it is one text."""
    bench.fake.faults.plan(fault)
    channel = bench.exchange()

    said = await channel.send(channels.text())
    found = await channel.look_up(channels.text(), channels.NOW, lambda _: False)
    again = await channel.send(channels.text())

    assert said == outcome
    assert found == (FIRST if taken else NotThere())
    assert again == FIRST
    assert len(bench.fake.arrivals.all) == 1


@pytest_twisted.ensureDeferred
async def test_two_texts_with_the_same_words_are_two(bench: Any, channels: ModuleType) -> None:
    """Our id tells them apart."""
    channel = bench.exchange()

    said = [await channel.send(channels.text(key=key)) for key in ("01ABC.1/1", "01ABC.1/2")]

    assert len(set(said)) == len(bench.fake.arrivals.all) == 2


@pytest_twisted.ensureDeferred
async def test_who_cannot_be_asked(bench: Any, channels: ModuleType) -> None:
    """Says so by any other answer."""
    bench.fake.exchange.knows = False
    channel = bench.exchange()
    await channel.send(channels.text())

    found = await channel.look_up(channels.text(), channels.NOW, lambda _: False)

    assert found == CannotTell("the provider does not say whether it has the text (HTTP 404)")


@pytest_twisted.ensureDeferred
async def test_nobody_listens(bench: Any, channels: ModuleType) -> None:
    """Nothing can have been taken."""
    await bench.fake.refuse()

    said = await bench.exchange().send(channels.text())

    assert said == NotReached("the provider was not reached: nobody listens there")


@pytest_twisted.ensureDeferred
async def test_a_signature_by_another_secret(bench: Any, channels: ModuleType) -> None:
    """Is not believed; that is about us, so the text waits for whoever sets it right."""
    said = await bench.exchange(key=b"another").send(channels.text())

    assert said == Refused("the provider refuses our signature or address (HTTP 403)")
    assert "no secret gives one of these signatures" in bench.fake.exchange.refused[0]
    assert bench.fake.arrivals.all == []


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        pytest.param(
            {"to": "+12125550178"},
            Refused("the recipient wants no texts from this number", permanent=True, opted_out=True),
            id="who wants no texts",
        ),
        pytest.param(
            {"body": ""}, Refused("the provider refuses the text (HTTP 422)", permanent=True), id="an empty text"
        ),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_is_not_taken(bench: Any, channels: ModuleType, changes: Any, outcome: Any) -> None:
    """For good."""
    bench.fake.exchange.opted_out.add(("+12125550178", "+16175550100"))

    assert await bench.exchange().send(channels.text(**changes)) == outcome


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        pytest.param("DELETE", "/texts/pbx", b"", 404, id="nothing that is offered"),
        pytest.param("GET", "/texts/pbx/another", b"", 404, id="another text than the one that is signed for"),
        pytest.param("POST", "/texts/pbx", b'{"schema": "text/1", "id": "another"}', 422, id="a text with two ids"),
        pytest.param("POST", "/texts/pbx", b'{"id": "one"}', 422, id="a text of no version"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_the_fake_does_not_take(
    bench: Any, channels: ModuleType, method: str, path: str, body: bytes, code: int
) -> None:
    """Whatever is wrong with a request shows, though it is signed."""
    stamp = int(channels.NOW)
    headers = {ID: "one", TIMESTAMP: str(stamp), SIGNATURE: sign(channels.TOKEN.encode(), "one", stamp, body)}

    reply = await bench.line().exchange(RestRequest(method, bench.fake.api + path, headers, body))

    assert reply.code == code
    assert bench.fake.arrivals.all == []
