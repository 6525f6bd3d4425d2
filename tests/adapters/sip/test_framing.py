"""Where messages begin and end, in datagrams and in streams; what is too large."""

from collections.abc import Callable

import pytest

from adapters.sip.framing import Arrival, Framer, Garbled, Ping, read_datagram
from adapters.sip.limits import BODY, FIELD, FIELDS, HEAD
from adapters.sip.message import Request, Response
from adapters.sip.refusal import Refusal

Write = Callable[..., bytes]
Read = Callable[..., Request]
Verdict = Callable[[bytes], Refusal | str]

PADDING = "x: " + "y" * 1000
OPTIONS = "OPTIONS sip:a@example.com SIP/2.0"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\r\n\r\n", id="two line ends"),
        pytest.param(b"\0", id="one NUL"),
        pytest.param(b"\r\n" * 20, id="many line ends"),
        pytest.param(b"\0" * 100, id="many NULs"),
        pytest.param(b"x" * 15, id="15 bytes of anything"),
    ],
)
def test_keep_alives_in_datagrams(data: bytes) -> None:
    """What only keeps a NAT binding alive is no message."""
    assert read_datagram(data) == Ping()


def test_the_shortest_that_is_no_keep_alive() -> None:
    """16 bytes of anything are noise."""
    arrival = read_datagram(b"x" * 16)

    assert isinstance(arrival, Garbled)
    assert (arrival.request, arrival.kind) == (None, "noise")


def test_line_ends_before_a_message(sip_bytes: Write) -> None:
    """Stray line ends in front are stepped over."""
    assert read_datagram(b"\r\n\r\n\r\n" + sip_bytes()) == read_datagram(sip_bytes())


@pytest.mark.parametrize(
    ("length", "body"),
    [
        pytest.param("3", b"abc", id="as long as it says"),
        pytest.param("2", b"ab", id="more than it says"),
        pytest.param("0", b"", id="none wanted"),
        pytest.param(None, b"abc", id="without a length it runs to the end"),
    ],
)
def test_the_body_of_a_datagram(sip_bytes: Write, length: str | None, body: bytes) -> None:
    """Content-Length cuts the body; without it all that is there is body."""
    arrival = read_datagram(sip_bytes(body=b"abc", Content_Length=length))

    assert isinstance(arrival, Request)
    assert arrival.body == body


def test_a_datagram_cut_off_in_its_head(sip_bytes: Write) -> None:
    """Without the empty line nobody knows what is missing: 400, if there is a Via to answer by."""
    arrival = read_datagram(sip_bytes()[:-4])

    assert isinstance(arrival, Garbled)
    assert arrival.refusal == Refusal(400, "Bad Request - header without an end")
    assert arrival.request is not None
    assert arrival.kind == "head"


def test_a_fold_of_the_request_line(sip_bytes: Write, sip_verdict: Verdict) -> None:
    """The request line cannot go on in the next one."""
    assert sip_verdict(sip_bytes("OPTIONS sip:a@example.com SIP/2.0\r\n x")) == Refusal(
        400, "Bad Request - blanks in the request line"
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        pytest.param([PADDING] * 15, "served", id="15 KiB of head"),
        pytest.param([PADDING] * 17, Refusal(513, "Message Too Large - header section"), id="17 KiB of head"),
        pytest.param(["x: y"] * (FIELDS - 7), "served", id="256 fields"),
        pytest.param(["x: y"] * (FIELDS - 6), Refusal(513, "Message Too Large - header fields"), id="257 fields"),
        pytest.param(["x: " + "y" * (FIELD - 3)], "served", id="a field of 8 KiB"),
        pytest.param(
            ["x: " + "y" * (FIELD - 2)], Refusal(513, "Message Too Large - header field"), id="a field a byte longer"
        ),
        pytest.param(["v: SIP/2.0/UDP a"] * 69, "served", id="70 hops"),
        pytest.param(["v: SIP/2.0/UDP a"] * 70, Refusal(513, "Message Too Large - Via"), id="71 hops"),
        pytest.param(
            ["v: " + ",".join(["SIP/2.0/UDP a"] * 70)],
            Refusal(513, "Message Too Large - Via"),
            id="71 hops, in one field",
        ),
    ],
)
def test_limits_of_the_head(sip_bytes: Write, sip_verdict: Verdict, lines: list[str], said: Refusal | str) -> None:
    """A head larger than any honest one is refused 513."""
    assert sip_verdict(sip_bytes(OPTIONS, *lines)) == said


def test_a_first_line_longer_than_any_head(sip_bytes: Write, sip_verdict: Verdict) -> None:
    """When not even the request line fits there is nothing to answer by."""
    assert sip_verdict(sip_bytes(f"OPTIONS sip:{'a' * HEAD} SIP/2.0")) == "silence"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        pytest.param(2048, "served", id="2048 characters"),
        pytest.param(2049, Refusal(414, "Request-URI Too Long"), id="one more"),
    ],
)
def test_the_longest_request_uri(sip_bytes: Write, sip_verdict: Verdict, length: int, said: Refusal | str) -> None:
    """A Request-URI too long is refused 414."""
    uri = "sip:" + "a" * (length - 16) + "@example.com"

    assert sip_verdict(sip_bytes(f"OPTIONS {uri} SIP/2.0")) == said


# ---------------------------------------------------------------- streams


def feed(*pieces: bytes) -> list[Arrival]:
    """Put *pieces* into a new framer, one after the other."""
    framer = Framer()
    return [arrival for piece in pieces for arrival in framer.feed(piece)]


def test_messages_in_a_stream(sip_bytes: Write) -> None:
    """However a stream is cut, the messages in it are the same."""
    one, two = sip_bytes(body=b"abc"), sip_bytes(OPTIONS)
    answer = sip_bytes("SIP/2.0 200 OK")
    stream = one + b"\r\n" + two + b"\r\n\r\n" + answer
    whole = feed(stream)

    assert [type(arrival) for arrival in whole] == [Request, Request, Ping, Response]
    assert isinstance(whole[0], Request)
    assert whole[0].body == b"abc"
    for cut in range(len(stream)):
        assert feed(stream[:cut], stream[cut:]) == whole
    assert feed(*(bytes([byte]) for byte in stream)) == whole


@pytest.mark.parametrize(
    ("data", "waits"),
    [
        pytest.param(b"", False, id="nothing"),
        pytest.param(b"\r\n\r", False, id="most of a ping"),
        pytest.param(b"\r\n\r\n", False, id="a ping"),
        pytest.param(b"\r\nI", True, id="the first letter"),
        pytest.param(b"INVITE", True, id="a word"),
    ],
)
def test_what_is_waited_for(data: bytes, waits: bool) -> None:
    """Only part of a message is something to wait for."""
    framer = Framer()
    framer.feed(data)

    assert framer.unfinished == waits


def test_waiting_for_a_body(sip_bytes: Write) -> None:
    """A message whose body is not all there is waited for, and over when it is."""
    framer = Framer()

    assert framer.feed(sip_bytes(body=b"abc")[:-1]) == []
    assert framer.unfinished
    assert len(framer.feed(b"c")) == 1
    assert not framer.unfinished


@pytest.mark.parametrize(
    ("length", "code", "kind"),
    [
        pytest.param(None, 400, "length", id="missing"),
        pytest.param("-1", 400, "length", id="negative"),
        pytest.param("x", 400, "length", id="no number"),
        pytest.param("", 400, "length", id="empty"),
        pytest.param("1\r\nl: 2", 400, "length", id="two different"),
        pytest.param(str(BODY + 1), 413, "size", id="a byte too long"),
        pytest.param(str(2**32), 400, "length", id="out of all measure"),
    ],
)
def test_a_stream_that_loses_its_way(sip_bytes: Write, length: str | None, code: int, kind: str) -> None:
    """Where the length is not known the next message cannot be found: one answer, and nothing is read any more."""
    framer = Framer()
    [arrival] = framer.feed(sip_bytes(Content_Length=length) + sip_bytes())

    assert isinstance(arrival, Garbled)
    assert (arrival.refusal.code, arrival.kind) == (code, kind)
    assert arrival.request is not None
    assert framer.feed(sip_bytes()) == []
    assert not framer.unfinished


def test_the_longest_body(sip_bytes: Write) -> None:
    """64 KiB are taken."""
    [arrival] = feed(sip_bytes(body=b"x" * BODY))

    assert isinstance(arrival, Request)
    assert len(arrival.body) == BODY


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", "noise", id="another protocol"),
        pytest.param(b"\rx\r\n\r\n", "noise", id="a bare carriage return in front"),
        pytest.param(b"\r\n\rx\r\n\r\n", "noise", id="a line end and a bare carriage return"),
        pytest.param(b"x" * (HEAD + 1), "noise", id="a head without an end"),
        pytest.param(
            OPTIONS.encode() + b"\r\nv: SIP/2.0/TCP a\r\n" + b"x: y\r\n" * HEAD, "size", id="fields without an end"
        ),
        pytest.param(OPTIONS.encode() + b"\r\nno colon\r\n\r\n", "head", id="a line that is no field"),
    ],
)
def test_noise_in_a_stream(data: bytes, kind: str) -> None:
    """What is no SIP ends the reading."""
    [arrival] = feed(data, data)

    assert isinstance(arrival, Garbled)
    assert arrival.kind == kind


def test_a_head_that_may_still_end() -> None:
    """16 KiB without an end are waited for; a byte more is not."""
    framer = Framer()

    assert framer.feed(b"x" * HEAD) == []
    assert framer.unfinished
    assert len(framer.feed(b"x")) == 1
