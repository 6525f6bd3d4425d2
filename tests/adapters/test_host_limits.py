"""What keeps the host alive: size, time, number of connections, hostile headers; all through the real parser."""

import email.message
import time
from types import ModuleType
from typing import Any

import pytest
from twisted.internet.address import IPv6Address, UNIXAddress
from twisted.web import http

from adapters.doors import Limits, Proxies
from adapters.form import read_form

LIMIT = 64 * 1024


def test_a_huge_body_is_refused_by_its_announcement(fakes: ModuleType) -> None:
    """300 MB are not read: 413 goes out with the headers, and what still comes is dropped."""
    world = fakes.World()
    client = world.connect()

    answer = client.send(b"POST /hooks/acme/call HTTP/1.1\r\nContent-Length: 314572800\r\nExpect: 100-continue\r\n\r\n")

    assert answer == b"HTTP/1.1 413 Request Entity Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    assert client.transport.half_closed
    assert client.send(b"x" * 100_000) == b""
    world.pass_seconds(1)
    assert client.gone
    assert world.provider.seen == []
    assert world.receiver.refusals == [("unknown", 413, "too-large")]


def test_a_client_that_goes_on_sending_a_refused_body_is_cut(fakes: ModuleType) -> None:
    """We listen on for a megabyte, so that the refusal can be read, and no longer."""
    client = fakes.World().connect()
    client.send(b"POST /hooks/acme/call HTTP/1.1\r\nContent-Length: 314572800\r\n\r\n")

    for _ in range(16):
        client.send(b"x" * 65_536)
    assert not client.gone
    client.send(b"x")

    assert client.gone


@pytest.mark.parametrize(
    ("size", "code"),
    [pytest.param(LIMIT, 200, id="the last byte allowed"), pytest.param(LIMIT + 1, 413, id="one byte more")],
)
@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
def test_the_limit_of_a_body(size: int, code: int, chunked: bool, fakes: ModuleType) -> None:
    """Counted for bodies that announce their length and for those that do not."""
    client = fakes.World().connect()
    if chunked:
        body = b"".join(b"1000\r\n%s\r\n" % (b"x" * 4096) for _ in range(size // 4096))
        body += b"1\r\nx\r\n" * (size % 4096) + b"0\r\n\r\n"
        answer = client.send(b"POST /hooks/acme/call HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
    else:
        answer = client.send(fakes.post(body=b"x" * size))

    assert fakes.status(answer) == code
    assert answer.count(b"HTTP/1.1") == 1


def test_a_body_in_ten_thousand_chunks_is_refused(fakes: ModuleType) -> None:
    """Each chunk costs as much as a large one; nobody honest sends bytes one by one."""
    client = fakes.World().connect()

    answer = client.send(
        b"POST /hooks/acme/call HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 10_000
    )

    assert fakes.status(answer) == 400
    assert client.closed


@pytest.mark.parametrize(
    "dripped",
    [
        pytest.param(b"", id="nothing at all"),
        pytest.param(b"POST /hooks/acme/call HTTP/1.1\r\nX-Header: " + b"x" * 200, id="the headers"),
        pytest.param(b"POST /hooks/acme/call HTTP/1.1\r\nContent-Length: 500\r\n\r\n" + b"x" * 400, id="the body"),
        pytest.param(
            b"POST /hooks/acme/call HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 100, id="chunks"
        ),
    ],
)
@pytest.mark.parametrize("kept", [False, True], ids=["first request", "second request"])
def test_a_dripped_request_is_cut_after_ten_seconds(dripped: bytes, kept: bool, fakes: ModuleType) -> None:
    """From the first byte, however busy the client looks; ten seconds are enough for every provider."""
    world = fakes.World()
    client = world.connect()
    if kept:
        client.send(fakes.post())
        world.pass_seconds(20)
        if not dripped:
            assert not client.closed
            return
    client.send(dripped[:100])

    for second in range(9):
        world.pass_seconds(1)
        assert not client.closed
        client.send(dripped[100 + second : 101 + second])
    world.pass_seconds(0.75)
    assert not client.closed
    world.pass_seconds(0.5)

    assert client.gone
    assert world.receiver.refusals == [("unknown", 408, "too-slow")]
    assert world.clock.getDelayedCalls() == []


def test_a_connection_between_requests_is_kept_longer_than_proxies_keep_it(fakes: ModuleType) -> None:
    """So it is never we who hang up on a proxy about to send; then it is closed politely, and cut if that fails."""
    world = fakes.World()
    client = world.connect()
    client.send(fakes.post())

    world.pass_seconds(74)
    assert not client.closed
    world.pass_seconds(1.25)
    assert client.transport.disconnecting
    assert not client.gone
    world.pass_seconds(1.25)

    assert client.gone
    assert world.receiver.refusals == []


def test_our_own_time_is_not_the_clients(fakes: ModuleType) -> None:
    """While an answer is being made no deadline runs."""
    world = fakes.World(receiver=fakes.FakeReceiver(slow=True))
    client = world.connect()
    client.send(fakes.post())

    world.pass_seconds(60)
    world.receiver.fire()

    assert fakes.status(client.received()) == 200


def test_one_address_has_twenty_connections_and_the_idlest_makes_room(fakes: ModuleType) -> None:
    """A client cannot keep itself out either; other addresses are not touched."""
    world = fakes.World()
    other = world.connect("203.0.113.9")
    clients = []
    for _ in range(20):
        clients.append(world.connect())
        world.pass_seconds(0.25)

    newest = world.connect()

    assert newest.let_in
    assert [client.gone for client in [other, *clients]] == [False, True] + [False] * 19


def test_a_client_whose_connections_are_all_busy_is_turned_away(fakes: ModuleType) -> None:
    """What is being answered is never cut for a newcomer."""
    world = fakes.World(receiver=fakes.FakeReceiver(slow=True), limits=Limits(per_client=2))
    busy = [world.connect(), world.connect()]
    for client in busy:
        client.send(fakes.post())

    assert not world.connect().let_in
    assert not any(client.gone for client in busy)
    assert world.receiver.refusals == [("unknown", 429, "too-many-connections")]
    assert world.connect("203.0.113.2").let_in


def test_five_hundred_idle_connections_do_not_keep_a_caller_out(fakes: ModuleType) -> None:
    """200 are kept; the caller's request is answered at once."""
    world = fakes.World()
    idle = [world.connect(f"198.51.100.{n % 250}") for n in range(500)]

    answer = world.connect().send(fakes.post())

    assert fakes.status(answer) == 200
    assert sum(not client.gone for client in idle) <= 200


@pytest.mark.parametrize(
    ("peer", "proxies", "many"),
    [
        pytest.param("127.0.0.1", (), True, id="our own machine: the TLS proxy all the world stands behind"),
        pytest.param("10.1.2.3", ("10.0.0.0/8",), True, id="a proxy the configuration names"),
        pytest.param("10.1.2.3", (), False, id="any other address"),
    ],
)
def test_proxies_are_not_counted_as_clients(peer: str, proxies: tuple[str, ...], many: bool, fakes: ModuleType) -> None:
    """Their connections count only in all."""
    world = fakes.World(proxies=Proxies(proxies))

    clients = [world.connect(peer) for _ in range(30)]

    assert (not any(client.gone for client in clients)) is many


@pytest.mark.parametrize(
    ("address", "others"),
    [
        pytest.param(UNIXAddress("/run/x"), [UNIXAddress("/run/x")] * 25, id="a Unix socket is a proxy"),
        pytest.param(IPv6Address("TCP", "::1", 1), [IPv6Address("TCP", "::1", 1)] * 25, id="IPv6 loopback"),
    ],
)
def test_local_peers_come_in_any_number(address: Any, others: list[Any], fakes: ModuleType) -> None:
    """Up to the limit for all."""
    world = fakes.World()

    clients = [fakes.Client(world.site, peer) for peer in [address, *others]]

    assert not any(client.gone for client in clients)


def test_an_ipv6_network_is_one_client(fakes: ModuleType) -> None:
    """One user has 2^64 addresses to choose from."""
    world = fakes.World(limits=Limits(per_client=1))

    clients = [
        fakes.Client(world.site, IPv6Address("TCP", host, 1))
        for host in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")
    ]

    assert [client.gone for client in clients] == [True, False, False]


@pytest.mark.parametrize(
    ("forwarded", "codes"),
    [
        pytest.param(["203.0.113.1", "203.0.113.1"], [429], id="one client twice"),
        pytest.param(["203.0.113.1", "203.0.113.2"], [], id="two clients"),
        pytest.param(["9.9.9.9, 203.0.113.1", "8.8.8.8, 203.0.113.1"], [429], id="what a client claims does not count"),
        pytest.param(["203.0.113.1, 10.0.0.9", "203.0.113.1"], [429], id="a second proxy of ours is seen through"),
        pytest.param(["nonsense", "nonsense"], [], id="no address at all"),
        pytest.param(["10.0.0.7", "10.0.0.7"], [], id="only proxies"),
    ],
)
def test_behind_a_trusted_proxy_requests_are_counted_per_client(
    forwarded: list[str], codes: list[int], fakes: ModuleType
) -> None:
    """By the last address the trusted proxies vouch for."""
    world = fakes.World(
        receiver=fakes.FakeReceiver(slow=True), limits=Limits(per_client=1), proxies=Proxies(["10.0.0.0/8"])
    )
    clients = [world.connect("10.0.0.1") for _ in forwarded]

    answers = [client.send(fakes.post(X_Forwarded_For=value)) for client, value in zip(clients, forwarded, strict=True)]

    assert [fakes.status(answer) for answer in answers if answer] == codes
    while world.receiver.waiting:
        world.receiver.fire()
    world.receiver.slow = False
    assert fakes.status(clients[0].send(fakes.post(X_Forwarded_For=forwarded[0]))) == 200


def test_an_untrusted_peer_is_not_believed(fakes: ModuleType) -> None:
    """Whatever it says about for whom it speaks."""
    world = fakes.World(receiver=fakes.FakeReceiver(slow=True), limits=Limits(per_client=1))
    first, second = world.connect("203.0.113.1"), world.connect("203.0.113.2")
    first.send(fakes.post(X_Forwarded_For="198.51.100.1"))

    assert second.send(fakes.post(X_Forwarded_For="198.51.100.1")) == b""
    assert len(world.receiver.waiting) == 2


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(b"Content-Length: 3\r\nTransfer-Encoding: chunked", id="length, then chunked"),
        pytest.param(b"Transfer-Encoding: chunked\r\nContent-Length: 3", id="chunked, then length"),
        pytest.param(b"Content-Length: 3\r\nContent-Length: 4", id="two lengths"),
        pytest.param(b"Content-Length: 3, 3", id="two lengths in one"),
        pytest.param(b"Content-Length: -1", id="a negative length"),
        pytest.param(b"Content-Length: +3", id="a length with a sign"),
        pytest.param(b"Content-Length: 0x3", id="a length in hexadecimal"),
        pytest.param(b"Transfer-Encoding: gzip, chunked", id="an encoding nobody asked for"),
        pytest.param(b"Content-Length : 3", id="a space before the colon"),
        pytest.param(b"X-Evil: a\x00b", id="a NUL in a header"),
        pytest.param(b"no colon", id="a header without a colon"),
        pytest.param(b"X: %b\r\nY: %b" % (b"x" * 8_190, b"y" * 8_190), id="headers of 16 KiB"),
        pytest.param(b"\r\n".join(b"X-%d: 1" % n for n in range(501)), id="501 headers"),
    ],
)
def test_ambiguous_and_oversized_headers_close_the_connection(headers: bytes, fakes: ModuleType) -> None:
    """One answer at most, never a second request found in the body of the first."""
    world = fakes.World()
    client = world.connect()

    answer = client.send(
        b"POST /hooks/acme/call HTTP/1.1\r\nHost: h\r\n"
        + headers
        + b"\r\n\r\nabcPOST /hooks/acme/call HTTP/1.1\r\n\r\n"
    )

    assert answer.count(b"HTTP/1.1") == 1
    assert fakes.status(answer) == 400
    assert client.closed
    assert world.provider.seen == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"zz\r\nabc\r\n0\r\n\r\n", id="a size that is no number"),
        pytest.param(b"3\r\nabcd\r\n0\r\n\r\n", id="more than announced"),
        pytest.param(b"3;" + b"x" * 2000 + b"\r\nabc\r\n0\r\n\r\n", id="an endless extension"),
    ],
)
def test_broken_chunks_close_the_connection(body: bytes, fakes: ModuleType) -> None:
    """With 400."""
    client = fakes.World().connect()

    answer = client.send(b"POST /hooks/acme/call HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + body)

    assert fakes.status(answer) == 400
    assert client.closed


@pytest.mark.parametrize("size", [64, 256, 5000], ids=lambda size: f"chunks of {size} bytes")
@pytest.mark.parametrize("portion", [1, 7, 1460], ids=lambda size: f"in portions of {size}")
def test_honest_chunks_are_put_together(size: int, portion: int, fakes: ModuleType) -> None:
    """In chunks of any sensible size, cut anywhere by the network."""
    world = fakes.World()
    client = world.connect()
    body = bytes(range(256)) * 250
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in _split(body, size))
    raw = b"POST /hooks/acme/call HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"

    answers = [client.send(one) for one in _split(raw, portion)]

    assert fakes.status(b"".join(answers)) == 200
    assert world.provider.seen[0].body == body


def _split(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def test_headers_behind_a_chunked_body_are_refused(fakes: ModuleType) -> None:
    """Nobody reads them; the stock parser would take 64 kB of them, line by line."""
    client = fakes.World().connect()

    answer = client.send(b"POST /hooks/acme/call HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n")

    assert fakes.status(answer) == 400
    assert client.closed


def test_what_follows_a_broken_request_is_not_read(fakes: ModuleType) -> None:
    """However much of it came in one go."""
    client = fakes.World().connect()

    answer = client.send(b"nonsense\r\n" + fakes.post() * 100)

    assert answer.count(b"HTTP/1.1") == 1
    assert fakes.status(answer) == 400


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"a=" + b"%41" * 21_500, id="nothing but escapes"),
        pytest.param(b"a=" + b"a%41" * 16_300, id="every other byte escaped"),
        pytest.param(b"a=" + "é%41".encode() * 13_000, id="escapes between letters that are not ASCII"),
        pytest.param(b"&".join(b"a%%41%d=%b" % (n, b"%C3%A9" * 50) for n in range(190)), id="190 parameters"),
    ],
)
def test_no_form_is_expensive(body: bytes, fakes: ModuleType) -> None:
    """The largest cost a few milliseconds; a cost that grew with the square would be many times what is allowed here."""
    read_form.cache_clear()
    started = time.process_time()

    read_form(body)

    assert time.process_time() - started < 0.4


def test_an_overlong_line_closes_the_connection(fakes: ModuleType) -> None:
    """Even when it never ends."""
    client = fakes.World().connect()

    client.send(b"POST /" + b"x" * 20_000)

    assert client.closed


def test_a_hostile_content_type_is_never_parsed(fakes: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's e-mail parser takes a second for 15,800 semicolons; nothing here may call it."""

    def forbidden(*_arguments: object, **_named: object) -> Any:
        raise AssertionError

    monkeypatch.setattr(http, "_parseContentType", forbidden)
    monkeypatch.setattr(email.message.Message, "__init__", forbidden)
    kind = "application/x-www-form-urlencoded" + ";" * 15_800

    assert fakes.status(fakes.World().connect().send(fakes.post(Content_Type=kind))) == 200


def test_draining_lets_answers_out_and_nobody_in(fakes: ModuleType) -> None:
    """Idle connections close at once, busy ones after their answer, which says so; then it is done."""
    world = fakes.World(receiver=fakes.FakeReceiver(slow=True))
    idle, busy = world.connect(), world.connect()
    busy.send(fakes.post())

    drained = world.site.drain()

    assert idle.transport.disconnecting
    assert not world.connect().let_in
    world.receiver.fire()
    answer = busy.received()
    assert b"Connection: close\r\n" in answer
    assert busy.transport.disconnecting
    idle.vanish()
    assert not drained.called
    busy.vanish()
    assert drained.called


def test_a_drain_that_takes_too_long_can_be_cut_short(fakes: ModuleType) -> None:
    """Cancelled, it closes what is left; a host without connections is drained at once."""
    world = fakes.World(receiver=fakes.FakeReceiver(slow=True))
    busy = world.connect()
    busy.send(fakes.post())

    world.site.drain().cancel()

    assert busy.gone
    assert fakes.World().site.drain().called


def test_a_stopped_factory_leaves_nothing_in_the_reactor(fakes: ModuleType) -> None:
    """Not even its sweep, nor a timer for an access log nobody writes."""
    world = fakes.World()
    world.site.doStart()
    world.connect()

    world.site.doStop()

    assert world.clock.getDelayedCalls() == []
