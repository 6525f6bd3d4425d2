"""A request read in one go is the request twisted.web reads line by line; whatever is unusual is left to twisted.web."""

from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.plainrequest import plain_request

NAMES = st.sampled_from([
    "Host", "X-Twilio-Signature", "x-twilio-signature", "ACCEPT", "Content-Type", "User-Agent", "Cookie", "!#$%&'*+.^_`|~",
    "Content-Length", "Transfer-Encoding", "Connection", "Expect", "TE", "bad name", "", "X\x00", "\xe4",
])  # fmt: skip
VALUES = st.text(st.characters(max_codepoint=255), max_size=12) | st.sampled_from(
    [
        "",
        " ",
        "  a  b  ",
        "\ta\t",
        "3",
        "chunked",
        "close",
        "keep-alive",
        "100-continue",
        "a\r\n b",
        "a\rb",
        "a\nb",
        "+3",
        "03",
    ]
)
LENGTHS = st.sampled_from(["3", " 3", "3 ", "03", "+3", "4", "2", "0", "", "3\t", "3, 3", "\xb3"])
TARGETS = st.sampled_from(
    [
        "/hooks/acme/call",
        "/hooks/acme/call?a=b%20c&d",
        "/hooks/acme/next/C.0.0.mac",
        "/nothing",
        "//",
        "/a b",
        "/\x7f",
        "*",
        "http://h/",
    ]
)


@given(
    method=st.sampled_from(["POST", "POST", "POST", "GET", "post", "HEAD"]),
    target=TARGETS,
    version=st.sampled_from(["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0"]),
    headers=st.lists(st.tuples(NAMES, st.sampled_from([":", ": ", ":  "]), VALUES), max_size=5),
    length=st.none() | st.just("3") | LENGTHS,
    rest=st.sampled_from(["a=1", "a=1", "a=1", "a=", "", "a=12", "a=1POST / HTTP/1.1\r\n\r\n"]),
)
def test_both_ways_of_reading_say_the_same(  # noqa: PLR0913, RUF100
    fakes: ModuleType,
    method: str,
    target: str,
    version: str,
    headers: list[tuple[str, str, str]],
    length: str | None,
    rest: str,
) -> None:
    """What the provider sees, what is answered and whether the connection goes on, sent in one piece or with a pause in it."""
    lines = [f"{method} {target} {version}", *("".join(header) for header in headers)]
    if length is not None:
        lines.append(f"Content-Length:{length}")
    data = ("\r\n".join(lines) + f"\r\n\r\n{rest}").encode("latin-1")
    at_once, in_pieces = fakes.World(), fakes.World()
    one, other = at_once.connect(), in_pieces.connect()

    answers = one.send(data), other.send(data[:1]) + other.send(data[1:])

    assert answers[0] == answers[1]
    assert at_once.provider.seen == in_pieces.provider.seen
    assert at_once.receiver.refusals == in_pieces.receiver.refusals
    assert one.closed == other.closed
    if not one.closed:
        again = fakes.post()
        assert one.send(again) == other.send(again)
        assert at_once.provider.seen == in_pieces.provider.seen


def test_what_providers_send_is_plain(fakes: ModuleType) -> None:
    """The request of every webhook is read in one go."""
    found = plain_request(
        fakes.post(body=b"a=1&b=2", Content_Type="application/x-www-form-urlencoded", X_Twilio_Signature="x=")
    )

    assert found is not None
    assert (found.target, found.body) == (b"/hooks/acme/call", b"a=1&b=2")
    assert found.headers["x-twilio-signature"] == ("x=",)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"Connection": "close"}, id="with a word about the connection"),
        pytest.param({"Transfer_Encoding": "chunked"}, id="in chunks"),
        pytest.param({"Expect": "100-continue"}, id="that waits to be asked"),
        pytest.param({"Content_Length": "3"}, id="whose length stands twice"),
        pytest.param({"Name": "J\u00fcrgen"}, id="with letters beyond ASCII"),
        pytest.param({f"X_{number}": "x" for number in range(101)}, id="with very many headers"),
        pytest.param({"Folded": "a\r\n b"}, id="with a folded line"),
    ],
)
def test_what_is_unusual_is_left_to_twisted(fakes: ModuleType, change: dict[str, str]) -> None:
    """A request with anything to think about is not read here."""
    assert plain_request(fakes.post()) is not None
    assert plain_request(fakes.post(**change)) is None


@pytest.mark.parametrize("at", [1, 20, -1], ids=["in its first line", "in a header", "in its body"])
def test_a_part_of_a_request_is_no_request(fakes: ModuleType, at: int) -> None:
    """What is cut, and what has something behind it."""
    assert plain_request(fakes.post()[:at]) is None
    assert plain_request(fakes.post() + b"x") is None


def test_a_hostile_head_costs_no_time() -> None:
    """Many blanks, many colons, and no end: looked at once."""
    for part in (b" ", b":", b"a:\r\n", b"\r\n"):
        assert plain_request(b"POST / HTTP/1.1\r\n" + part * 200_000) is None


def test_requests_sent_at_once_are_answered_in_their_order(fakes: ModuleType) -> None:
    """A plain request, one that twisted.web reads and a plain one again: each waits for the answer to the one before."""
    world = fakes.World(receiver=fakes.FakeReceiver(slow=True))
    client = world.connect()

    client.send(fakes.post("/hooks/acme/call"))
    client.send(fakes.post("/hooks/acme/text", Expect="100-continue") + fakes.post("/hooks/acme/status"))

    for count in (1, 2, 3):
        assert [request.path for request in world.provider.seen] == [("call",), ("text",), ("status",)][:count]
        world.receiver.fire()
        assert client.received().count(b"HTTP/1.1 200 OK") == 1
    assert not client.closed


def test_a_client_that_does_not_wait_is_made_to(fakes: ModuleType) -> None:
    """What it sends meanwhile is read again only when there is an answer."""
    world = fakes.World(receiver=fakes.FakeReceiver(slow=True))
    client = world.connect()

    client.send(fakes.post())
    for _ in range(200):
        client.send(fakes.post(body=b"a=" + b"x" * 100))

    assert client.transport.producerState == "paused"
    assert len(world.provider.seen) == 1
    world.receiver.slow = False
    world.receiver.fire()
    assert client.transport.producerState == "producing"
    assert client.received().count(b"HTTP/1.1 200 OK") == 201


def test_a_client_that_leaves_is_not_answered(fakes: ModuleType) -> None:
    """Its request has been taken all the same."""
    world = fakes.World(receiver=fakes.FakeReceiver(slow=True))
    client = world.connect()

    client.send(fakes.post())
    client.vanish()
    world.receiver.fire()

    assert client.received() == b""
    assert world.receiver.received == [fakes.ended()]


def test_a_connection_that_is_to_end_ends_behind_its_answer(fakes: ModuleType) -> None:
    """Draining lets what is being answered be answered, and says that no more is read."""
    world = fakes.World(receiver=fakes.FakeReceiver(slow=True))
    client = world.connect()

    client.send(fakes.post())
    world.site.drain()
    world.receiver.fire()

    answer = client.received()
    assert b"\r\nConnection: close\r\n" in answer
    assert answer.endswith(b"</Response>")
    assert client.closed
