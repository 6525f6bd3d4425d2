"""What the HTTP host answers: paths, methods, refusals, faults of ours, and who is asked."""

from types import ModuleType
from typing import Any

import attrs
import pytest
from structlog.testing import capture_logs

from adapters.api import RawResponse, RefusedError
from adapters.registry import ADAPTERS


@pytest.mark.parametrize(
    ("request_line", "code"),
    [
        pytest.param("POST /hooks/acme/call", 200, id="a call"),
        pytest.param("POST /hooks/acme/text", 200, id="a text"),
        pytest.param("POST /hooks/acme/status", 200, id="a status"),
        pytest.param("POST /hooks/acme/call?x=1&y=%2F", 200, id="a query of their own"),
        pytest.param("POST /hooks/acme/next/C.0.0.mac", 200, id="a step"),
        pytest.param("POST /hooks/acme/transcript/C.0.0.mac", 200, id="a transcript"),
        pytest.param("POST /hooks/acme/next", 404, id="a step without a token"),
        pytest.param("POST /hooks/acme/next/", 404, id="a step with an empty token"),
        pytest.param("POST /hooks/acme/never/C.0.0.mac", 404, id="a step we never ask for"),
        pytest.param("POST /hooks/acme/next/C/x", 404, id="something behind the token"),
        pytest.param("POST /hooks/other/call", 404, id="a provider nobody configured"),
        pytest.param("POST /hooks/acme/call/", 404, id="a slash too many"),
        pytest.param("POST /hooks/acme", 404, id="only a provider"),
        pytest.param("POST /hooks/acme%2Fcall", 404, id="an escaped slash"),
        pytest.param("POST /hooks/acme/%63all", 404, id="an escaped letter"),
        pytest.param("POST /hooks/acme/call%00", 404, id="an escaped NUL"),
        pytest.param("POST /../hooks/acme/call", 404, id="dots"),
        pytest.param("POST //hooks/acme/call", 404, id="two slashes"),
        pytest.param("POST http://h/hooks/acme/call", 404, id="a whole address as the target"),
        pytest.param("POST *", 404, id="a star"),
        pytest.param("GET /-/healthy", 404, id="the admin's pages are not here"),
        pytest.param("GET /metrics", 404, id="nor the metrics"),
        pytest.param("GET /", 404, id="no front page"),
        pytest.param("GET /hooks/acme/call", 405, id="GET for a hook"),
        pytest.param("HEAD /hooks/acme/call", 405, id="HEAD for a hook"),
        pytest.param("PUT /hooks/acme/text", 405, id="PUT"),
        pytest.param("post /hooks/acme/call", 405, id="a method in lower case"),
        pytest.param("TRACE /hooks/acme/call", 405, id="TRACE"),
        pytest.param("POST /hooks/acme/call HTTP/9.9", 400, id="a version nobody speaks"),
        pytest.param("PO ST /hooks/acme/call", 400, id="a method with a space"),
        pytest.param("POST /hooks/acme/ca\x00ll", 400, id="a raw NUL in the path"),
    ],
)
def test_paths_and_methods(request_line: str, code: int, fakes: ModuleType) -> None:
    """Only the documented ones reach a provider; no path of ours is ever unescaped."""
    client = fakes.World().connect()
    version = "" if request_line.endswith("HTTP/9.9") else " HTTP/1.1"

    answer = client.send(f"{request_line}{version}\r\nHost: h\r\nContent-Length: 0\r\n\r\n".encode("latin-1"))

    assert fakes.status(answer) == code
    if code != 200:
        assert b"<" not in answer
    if code == 405:
        assert b"Allow: POST\r\n" in answer


def test_a_webhook_reaches_provider_and_receiver_as_it_came(fakes: ModuleType) -> None:
    """Raw target, lower-case headers with every value, untouched body; the answer goes out as it was given."""
    world = fakes.World()

    answer = world.connect().send(fakes.post("/hooks/acme/next/C.1.2.m?q=%41", b"\xff\x00raw", X_One="a", x_ONE="b"))

    (seen,) = world.provider.seen
    assert (seen.method, seen.uri, seen.path) == ("POST", "/hooks/acme/next/C.1.2.m?q=%41", ("next", "C.1.2.m"))
    assert (seen.body, seen.received_at) == (b"\xff\x00raw", fakes.NOW)
    assert seen.headers["x-one"] == ("a", "b")
    assert world.receiver.received == [fakes.ended()]
    assert answer == (
        b"HTTP/1.1 200 OK\r\nDate: Mon, 02 Feb 2026 22:25:27 GMT\r\nContent-Type: text/xml\r\n"
        b"Content-Length: 30\r\n\r\n<Response><Reject/></Response>"
    )


def test_a_moment_may_depend_on_headers(fakes: ModuleType) -> None:
    """Whoever knows the time is shown the headers: the demonstration clock reads it from there."""
    world = fakes.World(moment=lambda headers: float(headers["x-now"][0]))

    world.connect().send(fakes.post(X_Now="42"))

    assert world.provider.seen[0].received_at == 42.0


@pytest.mark.parametrize("where", ["verifies", "reads"])
@pytest.mark.parametrize("code", [400, 403, 415])
def test_a_refusal_has_no_body_and_is_told(where: str, code: int, fakes: ModuleType) -> None:
    """The status code says all the other side may know."""
    world = fakes.World(fakes.FakeProvider(**{where: RefusedError(code, "why", "a note")}))

    answer = world.connect().send(fakes.post())

    assert fakes.status(answer) == code
    assert answer.endswith(b"Content-Length: 0\r\n\r\n")
    assert world.receiver.refusals == [("acme", code, "why")]
    assert world.receiver.received == []


def test_a_fault_while_reading_is_answered_with_the_fail_safe_document(fakes: ModuleType) -> None:
    """The request is verified, a caller may wait: the receiver says what is heard."""
    world = fakes.World(fakes.FakeProvider(reads=ZeroDivisionError()))

    answer = world.connect().send(fakes.post("/hooks/acme/next/C.0.0.m"))

    assert answer.endswith(b"<failsafe/>")
    assert world.receiver.faults == [("acme", "next")]


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(lambda fakes: fakes.World(fakes.FakeProvider(verifies=ZeroDivisionError())), id="while verifying"),
        pytest.param(lambda fakes: fakes.World(receiver=fakes.FakeReceiver(ZeroDivisionError())), id="in the receiver"),
    ],
)
def test_any_other_fault_is_503_and_logged(world: Any, fakes: ModuleType) -> None:
    """Never 500: the provider asks its second address."""
    with capture_logs() as logs:
        answer = world(fakes).connect().send(fakes.post())

    assert fakes.status(answer) == 503
    assert [entry["event"] for entry in logs] == ["webhook.failed"]


def test_a_request_in_which_nothing_happened_is_acknowledged(fakes: ModuleType) -> None:
    """Without asking the receiver; 204 has neither body nor length."""
    world = fakes.World(fakes.FakeProvider(reads=[]))

    answer = world.connect().send(fakes.post())

    assert answer.startswith(b"HTTP/1.1 204 No Content\r\n")
    assert b"Content-Length" not in answer
    assert world.receiver.waiting == []


def test_an_unverified_request_is_refused_on_every_route(fakes: ModuleType) -> None:
    """No path leads around the signature."""
    for path in (
        "call",
        "text",
        "status",
        "next/t",
        "screen/t",
        "accept/t",
        "leg/t",
        "message/t",
        "recording/t",
        "transcript/t",
    ):
        world = fakes.World(fakes.FakeProvider(verifies=RefusedError(403, "signature")))
        assert fakes.status(world.connect().send(fakes.post(f"/hooks/acme/{path}"))) == 403
    assert set(ADAPTERS) == {"twilio", "generic"}


def test_requests_of_one_connection_are_answered_in_order(fakes: ModuleType) -> None:
    """The second waits for the first, however fast it could be answered."""
    world = fakes.World(receiver=fakes.FakeReceiver(slow=True))
    client = world.connect()

    assert client.send(fakes.post(body=b"1") + fakes.post(body=b"22") + b"GET /none HTTP/1.1\r\n\r\n") == b""
    assert [seen.body for seen in world.provider.seen] == [b"1"]
    world.receiver.fire()
    assert fakes.status(client.received()) == 200
    assert [seen.body for seen in world.provider.seen] == [b"1", b"22"]
    world.receiver.answer = RawResponse(200, "text/xml", b"second")
    world.receiver.fire()

    answers = client.received()
    assert answers.index(b"second") < answers.index(b"HTTP/1.1 404")


def test_a_client_that_has_gone_gets_no_answer_and_costs_nothing(fakes: ModuleType) -> None:
    """What it asked for is finished all the same; nothing is raised, nothing stays in the reactor."""
    world = fakes.World(receiver=fakes.FakeReceiver(slow=True))
    client = world.connect()
    client.send(fakes.post())
    client.vanish()

    world.receiver.fire()

    assert client.received() == b""
    world.pass_seconds(1)
    assert world.clock.getDelayedCalls() == []


@pytest.mark.parametrize(
    ("request_text", "kept"),
    [
        pytest.param(b"POST /hooks/acme/call HTTP/1.1\r\nContent-Length: 0\r\n\r\n", True, id="HTTP/1.1"),
        pytest.param(
            b"POST /hooks/acme/call HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            False,
            id="asked to close",
        ),
        pytest.param(b"POST /hooks/acme/call HTTP/1.0\r\nContent-Length: 0\r\n\r\n", False, id="HTTP/1.0"),
    ],
)
def test_connections_are_kept_unless_the_client_wants_otherwise(
    request_text: bytes, kept: bool, fakes: ModuleType
) -> None:
    """And the answer says so."""
    client = fakes.World().connect()

    answer = client.send(request_text)

    assert (b"Connection: close" not in answer) is kept
    assert client.closed is not kept


def test_each_provider_has_its_own_limit(fakes: ModuleType) -> None:
    """A body that only the other provider may send is 413 before anybody looks at its signature."""
    world = fakes.World()
    large = attrs.evolve(world.provider.capabilities, body_limit=200_000)
    world.site.providers["large"] = fakes.FakeProvider("large", large)  # type: ignore[index]

    client = world.connect()
    answer = client.send(fakes.post(body=b"x" * 100_000))

    assert fakes.status(answer) == 413
    assert world.provider.seen == []
    assert world.receiver.refusals == [("acme", 413, "too-large")]
    assert client.closed
    assert fakes.status(world.connect().send(fakes.post("/hooks/large/call", b"x" * 100_000))) == 200
