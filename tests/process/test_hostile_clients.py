"""Whatever comes in on the public port: never 500, never stuck, no more memory, nobody kept waiting."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from random import Random
from time import monotonic, sleep
from types import ModuleType
from typing import Any

import pytest

pytestmark = pytest.mark.slow

MEGABYTE = 1 << 20
REFUSED = frozenset({400, 403, 404, 405, 408, 411, 413, 414, 415, 417, 431, 501, 505})
ALLOWED = REFUSED | {200, 204}
CUT = (8.0, 12.5)
"""A request may take ten seconds; when it is cut, on a busy machine."""


@pytest.fixture(scope="module")
def daemon(daemons: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return one daemon for all of them; in the end it must still be well, and say nothing of errors of ours."""
    with daemons.workplace(tmp_path_factory.mktemp("hostile")) as place:
        running = place.start("--log-level", "debug")
        yield running
        ready = running.ask("/-/ready")[0]
        code = running.stop()
        log = running.log.read_text()
        assert (ready, code) == (200, 0)
        assert "Traceback" not in log
        assert "stack_trace" not in log


def still_answers(daemon: Any, outside: ModuleType, twilio: Any, name: int) -> float:
    """Bring a signed call, and return how long its answer took."""
    began = monotonic()
    with outside.Wire(daemon.place(), timeout=5) as wire:
        assert wire.post(twilio.call(f"{name:032x}")).code == 200
    return monotonic() - began


def request(path: str, body: bytes = b"", *headers: str) -> bytes:
    """Write a request, its length with it."""
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


FORM, JSON = "Content-Type: application/x-www-form-urlencoded", "Content-Type: application/json"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(request("/hooks/twilio/call"), id="nothing at all"),
        pytest.param(request("/hooks/twilio/call", b"CallSid=CA1", FORM), id="no signature"),
        pytest.param(
            request("/hooks/twilio/call", b"\xff\xfe%%%=&&&=%zz", FORM, "X-Twilio-Signature: x"), id="no form"
        ),
        pytest.param(request("/hooks/twilio/call", b"{}", JSON, "X-Twilio-Signature: x"), id="JSON for a form"),
        pytest.param(
            request("/hooks/twilio/call", b"a", "Content-Type: multipart/form-data; boundary="), id="multipart"
        ),
        pytest.param(request("/hooks/twilio/call", b"a", "Content-Type: " + ";" * 8000), id="a type of semicolons"),
        pytest.param(request("/hooks/pbx/call", b"[" * 50_000, JSON, "webhook-id: 1"), id="fifty thousand brackets"),
        pytest.param(request("/hooks/pbx/call", b'{"id":1e999}', JSON), id="a number beyond all numbers"),
        pytest.param(
            request("/hooks/pbx/call", b"9" * 5000, JSON, "webhook-timestamp: " + "9" * 5000), id="long digits"
        ),
        pytest.param(request("/hooks/pbx/next/" + "A" * 5000, b"{}", JSON), id="a long token"),
        pytest.param(request("/" + "a" * 40_000), id="a long path"),
        pytest.param(request("/-/reload"), id="the admin's door"),
        pytest.param(request("/metrics"), id="the metrics"),
        pytest.param(request("/hooks/twilio/../../-/status"), id="dots"),
        pytest.param(request("/hooks/nobody/call"), id="a provider nobody has"),
        pytest.param(b"GET /hooks/twilio/call HTTP/1.1\r\nHost: x\r\n\r\n", id="the wrong method"),
        pytest.param(
            b"POST /hooks/twilio/call HTTP/9.9\r\nHost: x\r\nContent-Length: 0\r\n\r\n", id="a version to come"
        ),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200 + b"\r\n\r\n", id="TLS"),
        pytest.param(b"INVITE sip:x SIP/2.0\r\n\r\n", id="SIP"),
        pytest.param(b"POST /hooks/twilio/call HTTP/1.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", id="a long header"),
        pytest.param(
            b"POST / HTTP/1.1\r\n" + b"".join(b"X%d: a\r\n" % n for n in range(2000)) + b"\r\n", id="many headers"
        ),
        pytest.param(request("/", b"", "Content-Length: -1"), id="a length below nothing"),
        pytest.param(request("/hooks/twilio/call", b"", "Expect: 200-maybe"), id="an unheard-of expectation"),
    ],
)
def test_what_is_no_webhook_is_refused(raw: bytes, daemon: Any, rude: ModuleType) -> None:
    """One refusal, or a closed connection, at once."""
    heard = rude.say(daemon, [raw], patience=0.3)

    assert len(heard.codes) <= 1
    assert set(heard.codes) <= REFUSED
    assert heard.codes or heard.closed


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(
            b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"0\r\n\r\nPOST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
            id="a length and chunks",
        ),
        pytest.param(
            b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n"
            b"5c\r\nPOST /b HTTP/1.1\r\nHost: x\r\n\r\n0\r\n\r\n",
            id="chunks and a length",
        ),
        pytest.param(
            b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n"
            b"POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
            id="two lengths",
        ),
        pytest.param(
            b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\nPOST /b HTTP/1.1\r\nHost: x\r\n\r\n",
            id="chunks of another kind",
        ),
        pytest.param(
            b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n+0\r\n\r\nPOST /b HTTP/1.1\r\nHost: x\r\n\r\n",
            id="a size with a sign",
        ),
    ],
)
def test_a_request_hidden_in_another_is_not_answered(raw: bytes, daemon: Any, rude: ModuleType) -> None:
    """Where two readers could disagree about where a request ends, it is refused, and nothing after it is read."""
    heard = rude.say(daemon, [raw], patience=0.3)

    assert heard.codes in ([400], [501], [])
    assert heard.closed


def test_requests_sent_at_once_are_answered_in_order(daemon: Any, rude: ModuleType, twilio: Any) -> None:
    """Of pipelined requests each gets its own answer, in the order they came."""
    first, second = twilio.call("a" * 32), twilio.text("b" * 32)
    lost = request("/nowhere")

    heard = rude.say(daemon, [first.raw() + lost + second.raw() + lost + twilio.ended(first).raw()], patience=0.5)

    assert heard.codes == [200, 404, 200, 404, 204]


@pytest.mark.parametrize("pieces", [pytest.param("announced", id="announced"), pytest.param("endless", id="in chunks")])
def test_a_body_of_300_megabytes_is_refused_early(
    pieces: str, daemon: Any, rude: ModuleType, outside: ModuleType, twilio: Any
) -> None:
    """It is cut after at most a few megabytes; the daemon's memory does not grow, and a caller does not notice."""
    taken = 0

    def counted() -> Iterator[bytes]:
        nonlocal taken
        for piece in getattr(rude, pieces)():
            yield piece
            taken += len(piece)

    before = daemon.memory()
    heard = rude.say(daemon, counted(), patience=3)
    grown = daemon.memory() - before

    assert set(heard.codes) <= {413}
    assert heard.closed
    assert taken < 20 * MEGABYTE
    assert grown < 8 * MEGABYTE
    assert still_answers(daemon, outside, twilio, 0xB0D1 + len(pieces)) < 1


def test_a_request_that_drips_in_is_cut_after_ten_seconds_and_holds_up_nobody(
    daemon: Any, rude: ModuleType, outside: ModuleType, twilio: Any
) -> None:
    """However it is dripped, and with 300 idle connections beside it; signed calls are answered meanwhile."""
    ways = {
        "nothing": [b""],
        "the first line": rude.drip(b"P", b"O"),
        "a header": rude.drip(b"POST /hooks/pbx/call HTTP/1.1\r\nX: ", b"a"),
        "headers": rude.drip(b"POST /hooks/pbx/call HTTP/1.1\r\n", b"X: a\r\n"),
        "a body": rude.drip(b"POST /hooks/pbx/call HTTP/1.1\r\nContent-Length: 1000\r\n\r\n", b"x"),
        "chunks": rude.drip(b"POST /hooks/pbx/call HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        "a body after a good answer": rude.drip(
            request("/nowhere") + b"POST /hooks/pbx/call HTTP/1.1\r\n", b"X: a\r\n"
        ),
    }
    before = daemon.memory()

    with ThreadPoolExecutor(len(ways)) as pool, ExitStack() as idle:
        dripped = {way: pool.submit(rude.say, daemon, pieces, every=0.5, patience=13) for way, pieces in ways.items()}
        sleep(0.2)
        for _ in range(100):  # more would make the daemon give up the oldest, which are the dripping ones
            idle.enter_context(closing(socket.create_connection(daemon.place())))
        times: list[float] = []
        while not all(drip.done() for drip in dripped.values()):
            times.append(still_answers(daemon, outside, twilio, 0xD21B000 + len(times)))
            sleep(0.2)

    heard = {way: drip.result() for way, drip in dripped.items()}
    assert {way: one.closed for way, one in heard.items()} == dict.fromkeys(ways, True)
    assert {way: one.codes for way, one in heard.items() if one.codes} == {"a body after a good answer": [404]}
    assert all(CUT[0] < one.seconds < CUT[1] for one in heard.values()), heard
    assert max(times) < 1
    assert daemon.memory() - before < 20 * MEGABYTE


def test_three_hundred_idle_connections_keep_no_caller_out(
    daemon: Any, rude: ModuleType, outside: ModuleType, twilio: Any
) -> None:
    """There is always room for one who has something to say: who has waited longest without a word makes it."""
    before = daemon.memory()
    with ExitStack() as idle:
        for _ in range(300):
            idle.enter_context(closing(socket.create_connection(daemon.place())))
        times = [still_answers(daemon, outside, twilio, 0x1D1E + n) for n in range(5)]

    assert max(times) < 1
    assert daemon.memory() - before < 20 * MEGABYTE


def test_two_hundred_damaged_requests_do_no_harm(
    daemon: Any, rude: ModuleType, outside: ModuleType, twilio: Any, pbx: Any
) -> None:
    """Good requests damaged at random are refused, understood all the same, or waited for; never 500."""
    chance = Random(200)
    call, pbx_call = twilio.call("c" * 32), pbx.call("d" * 32)
    with outside.Wire(daemon.place()) as wire:
        steps = [twilio.after(call, wire.post(call).body), pbx.after(pbx_call, wire.post(pbx_call).body)]
    good = [event.raw() for event in (call, pbx_call, *steps, twilio.text("e" * 32), pbx.text("f" * 32))]
    raws = [rude.spoilt(chance.choice(good), chance) for _ in range(200)]
    times: list[float] = []
    before, over = daemon.memory(), threading.Event()

    def callers() -> None:
        while not over.is_set():
            times.append(still_answers(daemon, outside, twilio, 0xCA11E2 + len(times)))
            sleep(0.1)

    with ThreadPoolExecutor(21) as pool:
        calling = pool.submit(callers)
        heard = list(pool.map(lambda raw: rude.say(daemon, [raw], patience=0.3), raws))
        over.set()
        calling.result()

    assert {code for one in heard for code in one.codes} <= ALLOWED
    assert max(times) < 1
    assert daemon.memory() - before < 20 * MEGABYTE
