"""The fake provider does what the real one does, as far as switchhook can tell: its own library and our verifier look on."""

import json
import runpy
import sys
from base64 import b64encode
from collections.abc import Iterator
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_twisted
from click.testing import CliRunner
from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.internet.threads import deferToThread
from twisted.web.resource import Resource
from twisted.web.server import Site

from adapters.api import RawRequest
from adapters.sending import RestReply, RestRequest
from adapters.twilio import Twilio
from router.simulate.fake import __main__ as command
from router.simulate.fake.arrivals import Arrival
from router.simulate.fake.faults import KINDS, Fault, Faults
from rules.event import Receipt

reactor: Any = installed
PUBLIC = "https://phone.example"


@pytest.fixture
def bench(channels: ModuleType) -> Iterator[Any]:
    """Return a fake provider that listens, and is gone after the test."""
    made = channels.Bench.started(reactor, public_url=PUBLIC)
    yield made
    pytest_twisted.blockon(Deferred.fromCoroutine(made.fake.stop()))


async def asked(bench: Any, method: str, path: str, body: bytes = b"", **headers: str) -> RestReply:
    """Ask the fake provider something."""
    reply: RestReply = await bench.line().exchange(RestRequest(method, bench.fake.api + path, headers, body))
    return reply


def login(channels: ModuleType, secret: str | None = None) -> dict[str, str]:
    """Return the header that logs in."""
    told = b64encode(f"{channels.SID}:{secret or channels.TOKEN}".encode()).decode()
    return {"Authorization": f"Basic {told}"}


# ---------------------------------------------------------------- with Twilio's own library


@pytest_twisted.ensureDeferred
async def test_twilios_own_library_is_content(bench: Any, channels: ModuleType) -> None:
    """It sends, lists page by page, and reads what it gets."""
    rest = pytest.importorskip("twilio.rest")
    http = pytest.importorskip("twilio.http.http_client")

    class Here(http.TwilioHttpClient):  # type: ignore[misc, name-defined]
        """Goes to the fake in place of Twilio."""

        def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
            return super().request(method, url.replace("https://api.twilio.com", bench.fake.api), *args, **kwargs)

    def use() -> tuple[Any, list[Any]]:
        client = rest.Client(channels.SID, channels.TOKEN, http_client=Here())
        sent = client.messages.create(to="+12125550177", from_="+16175550100", body="Hello")
        for n in range(5):
            client.messages.create(to=f"+1212555018{n}", from_="+16175550100", body="x")
        listed = client.messages.list(from_="+16175550100", date_sent_after="2026-11-27", page_size=2)
        client.http_client.session.close()
        return sent, listed

    sent, listed = await deferToThread(use)

    assert (sent.status, sent.direction, sent.body) == ("queued", "outbound-api", "Hello")
    assert [message.body for message in listed] == ["x"] * 5 + ["Hello"]
    assert listed[-1].sid == sent.sid
    assert listed[-1].date_created.timestamp() == channels.NOW


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"From": "+16175550100", "Body": "x"}, 21604, id="no recipient"),
        pytest.param({"To": "+12125550177", "Body": "x"}, 21603, id="no sender"),
        pytest.param({"To": "+12125550177", "From": "+16175550100"}, 21602, id="no words"),
        pytest.param({"To": "+12125550177", "From": "+16175550100", "Body": "x" * 1601}, 21617, id="too many words"),
        pytest.param({"To": "12125550177", "From": "+16175550100", "Body": "x"}, 21211, id="no number"),
        pytest.param({"To": "+16175550100", "From": "+16175550100", "Body": "x"}, 21266, id="to itself"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_is_not_taken(bench: Any, channels: ModuleType, fields: dict[str, str], code: int) -> None:
    """As Twilio tells it."""
    reply = await asked(
        bench,
        "POST",
        f"/2010-04-01/Accounts/{channels.SID}/Messages.json",
        urlencode(fields).encode(),
        **login(channels),
    )

    assert (reply.code, json.loads(reply.body)["code"]) == (400, code)
    assert bench.fake.arrivals.all == []


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("", 2),
        ("?DateSent=2026-11-27", 2),
        ("?DateSent=2026-11-28", 0),
        ("?DateSent%3E=2026-11-27", 2),
        ("?DateSent%3E=2026-11-28", 0),
        ("?DateSent%3C=2026-11-27", 2),
        ("?DateSent%3C=2026-11-26", 0),
        ("?DateSent%3E=2026-11-26T00:00:00Z", 2),
        ("?To=%2B12125550178", 1),
        ("?From=%2B12125550178", 0),
        ("?PageSize=1", 1),
        ("?PageSize=1&Page=1", 1),
        ("?PageSize=1&Page=2", 0),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_is_listed(bench: Any, channels: ModuleType, query: str, fits: int) -> None:
    """By numbers, by day, page by page."""
    await bench.sms().send(channels.text())
    await bench.sms().send(channels.text(to="+12125550178"))

    reply = await asked(bench, "GET", f"/2010-04-01/Accounts/{channels.SID}/Messages.json{query}", **login(channels))

    assert len(json.loads(reply.body)["messages"]) == fits


@pytest_twisted.ensureDeferred
async def test_recordings(bench: Any, channels: ModuleType) -> None:
    """Are there until they are deleted."""
    sid = "RE" + "5" * 32
    put = await asked(bench, "PUT", f"/-/recordings/{sid}", b"sound")
    carrier, line = bench.sms().carrier, bench.line()

    got = await line.exchange(carrier.recording(sid))
    deleted = await line.exchange(carrier.delete_recording(sid))
    gone = await line.exchange(carrier.recording(sid))
    again = await line.exchange(carrier.delete_recording(sid))
    other = await asked(bench, "PATCH", f"/2010-04-01/Accounts/{channels.SID}/Messages.json", **login(channels))

    assert put.code == 200
    assert (got.code, got.body, got.headers["content-type"]) == (200, b"sound", "audio/mpeg")
    assert (deleted.code, gone.code, again.code, other.code) == (204, 404, 404, 404)


@pytest_twisted.ensureDeferred
async def test_a_recording_nobody_has_made(bench: Any, channels: ModuleType) -> None:
    """Is a second of silence where somebody tries switchhook out: `simulate call --message` only says that one was left."""
    bench.fake.twilio.silent = True
    carrier, line, sid = bench.sms().carrier, bench.line(), "RE" + "6" * 32

    got = await line.exchange(carrier.recording(sid))
    deleted = await line.exchange(carrier.delete_recording(sid))

    assert (got.code, got.body[:2], len(got.body) > 10_000, deleted.code) == (200, b"\xff\xfb", True, 204)


@pytest.mark.parametrize("header", ["", "Basic !", "Basic /w==", "Bearer x", "Basic QUM6eA=="])
@pytest_twisted.ensureDeferred
async def test_who_does_not_know_the_secret(bench: Any, channels: ModuleType, header: str) -> None:
    """Learns nothing."""
    reply = await asked(bench, "GET", f"/2010-04-01/Accounts/{channels.SID}/Messages.json", Authorization=header or "x")

    assert (reply.code, json.loads(reply.body)["code"]) == (401, 20003)


# ---------------------------------------------------------------- receipts


class _Daemon(Resource):
    """Takes receipts, and lets our own verifier look at them."""

    isLeaf = True  # noqa: N815

    def __init__(self, twilio: Twilio) -> None:
        super().__init__()
        self.twilio, self.receipts = twilio, []

    def render_POST(self, request: Any) -> bytes:  # noqa: N802
        """Take one."""
        headers = {
            name.decode().lower(): [value.decode() for value in values]
            for name, values in request.requestHeaders.getAllRawHeaders()
        }
        raw = RawRequest("POST", request.uri.decode(), ("status",), headers, request.content.read(), 0.0)
        self.twilio.verify(raw)
        self.receipts += self.twilio.read(raw)
        return b""


@pytest_twisted.ensureDeferred
async def test_receipts_are_signed_for_the_public_address(bench: Any, channels: ModuleType) -> None:
    """And posted to where the daemon really listens, in order; some recipients cannot be reached."""
    twilio = Twilio("twilio", PUBLIC, channels.SID, [channels.TOKEN], {}, frozenset(["sha1"]))
    daemon = _Daemon(twilio)
    site = Site(daemon, parsePOSTFormSubmission=False)
    site.noisy = False
    port = reactor.listenTCP(0, site, interface="127.0.0.1")
    bench.fake.daemon = f"http://127.0.0.1:{port.getHost().port}"
    bench.fake.twilio.undeliverable["+12125550178"] = 30003

    await bench.sms().send(channels.text())
    await bench.sms().send(channels.text(to="+12125550178"))
    await channels.until(lambda: len(bench.fake.reports) == 4)
    await port.stopListening()

    first, second = (f"SM{n:032x}" for n in (1, 2))
    assert [(each.message_id, each.state, each.error) for each in daemon.receipts if isinstance(each, Receipt)] == [
        (first, "sent", None),
        (first, "delivered", None),
        (second, "sent", None),
        (second, "failed", "30003"),
    ]
    assert [code for _, code in bench.fake.reports] == [200] * 4


@pytest.mark.parametrize("daemon", ["", "http://127.0.0.1:1"])
@pytest_twisted.ensureDeferred
async def test_receipts_nobody_takes(bench: Any, channels: ModuleType, daemon: str) -> None:
    """Are noted, and do not keep anything up."""
    bench.fake.daemon = daemon

    await bench.sms().send(channels.text())
    await channels.until(lambda: len(bench.fake.reports) == 2)

    assert [code for _, code in bench.fake.reports] == [0, 0]


# ---------------------------------------------------------------- told what to do


@pytest_twisted.ensureDeferred
async def test_another_process_plans_faults_and_asks_what_arrived(bench: Any, channels: ModuleType) -> None:
    """By three addresses beside the provider's own."""
    planned = await asked(bench, "POST", "/-/faults", b'[{"kind": "error-after"}, {"kind": "busy", "to": "+1"}]')
    await bench.sms().send(channels.text())

    arrived = await asked(bench, "GET", "/-/arrived")
    met = await asked(bench, "GET", "/-/faults")

    assert json.loads(planned.body) == {"planned": 2}
    assert [each["body"] for each in json.loads(arrived.body)] == ["Grüße, bis morgen 😀"]
    assert json.loads(arrived.body)[0]["at"] == "2026-11-27T14:00:00.000000Z"
    assert json.loads(met.body) == {"error-after": 1}


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("POST", "/-/faults", b'[{"kind": "flood"}]', 400),
        ("POST", "/-/faults", b'[{"sort": "hang"}]', 400),
        ("POST", "/-/faults", b'["hang"]', 400),
        ("POST", "/-/faults", b"no", 400),
        ("POST", "/-/refuse/soon", b"", 404),
        ("GET", "/-/other", b"", 404),
        ("GET", "/webhooks/crm", b"", 404),
        ("POST", "/webhooks/crm/more", b"", 404),
    ],
)
@pytest_twisted.ensureDeferred
async def test_what_cannot_be_asked(bench: Any, method: str, path: str, body: bytes, code: int) -> None:
    """Is answered in words, or not at all."""
    assert (await asked(bench, method, path, body)).code == code


@pytest_twisted.ensureDeferred
async def test_refusing_for_a_while(bench: Any, channels: ModuleType) -> None:
    """Every connection is refused, and later taken again."""
    before = [port for _, port in bench.fake._ports.values()]

    reply = await asked(bench, "POST", "/-/refuse/0")
    await channels.until(lambda: all(port not in (None, *before) for _, port in bench.fake._ports.values()))
    bench.fake.listen_again()

    assert json.loads(reply.body) == {"refuses_for": 0}
    assert (await asked(bench, "GET", "/-/arrived")).code == 200


@pytest_twisted.ensureDeferred
async def test_web_hooks_that_are_none(bench: Any, channels: ModuleType) -> None:
    """Signed, but of another kind; and signed, but without what a CloudEvent has."""
    good = bench.webhook(keys=channels.KEYS[1:])
    request = good.request(channels.event())
    plain = RestRequest("POST", request.url, {**request.headers, "Content-Type": "application/json"}, request.body)
    from adapters.generic.signature import sign

    body = b'{"id": "x"}'
    stamp = request.headers["webhook-timestamp"]
    signed = {**request.headers, "webhook-signature": sign(channels.KEYS[1], "01ABC_1_1", int(stamp), body)}

    codes = [
        (await bench.line().exchange(plain)).code,
        (await bench.line().exchange(RestRequest("POST", request.url, signed, body))).code,
    ]

    assert codes == [403, 403]
    assert bench.fake.webhooks.refused == [
        "the content type is none of a CloudEvent",
        "the event lacks specversion, source, type, data",
    ]


# ---------------------------------------------------------------- faults


def test_faults_by_chance_can_be_repeated() -> None:
    """The same seed gives the same faults; planned ones come first, standing ones next."""
    from random import Random

    runs = [[Faults(Random(7), rate=0.5).next("+1") for _ in range(1)], [Faults(Random(7), rate=0.5).next("+1")]]
    faults = Faults(Random(7), rate=0.5)
    several = [fault.kind if fault else None for fault in (faults.next("+1") for _ in range(200))]
    faults.plan(Fault("hang", to="+2"), Fault("cut"))
    faults.standing = Fault("error", to="+3")

    assert runs[0] == runs[1]
    assert 60 < sum(kind is not None for kind in several) < 140
    assert set(several) - {None} <= set(KINDS)
    assert [faults.next("+3"), faults.next("+3"), faults.next("+2")] == [
        Fault("cut"),
        Fault("error", to="+3"),
        Fault("hang", to="+2"),
    ]
    assert Faults().next("+1") is None
    assert faults.met["hang"] >= 1


def test_a_letter_of_pictures_alone(bench: Any) -> None:
    """A mail without words is a mail."""
    bench.fake.mail.take("a@b.example", "c@d.example", b"Content-Type: image/png\n\nx")

    assert [arrival.body for arrival in bench.fake.arrivals.by("email")] == [""]


@pytest_twisted.ensureDeferred
async def test_who_listens_is_told_of_each_arrival(bench: Any, channels: ModuleType) -> None:
    """As it comes."""
    heard: list[Arrival] = []
    bench.fake.arrivals.heard.append(heard.append)

    await bench.sms().send(channels.text())

    assert heard == bench.fake.arrivals.all


@pytest_twisted.ensureDeferred
async def test_who_does_not_wait_for_a_slow_answer(bench: Any, channels: ModuleType) -> None:
    """Is not answered; the message was taken all the same."""
    bench.fake.faults.plan(Fault("slow", 30))
    bench.fake.twilio.timer = Clock()

    await channels.timed_out(bench, bench.sms().send(channels.text()), lambda: bench.fake.arrivals.all)
    await channels.until(lambda: not any(wrapping.protocols for wrapping, _ in bench.fake._ports.values()))
    bench.fake.twilio.timer.advance(30)

    assert (await asked(bench, "GET", "/-/arrived")).code == 200


# ---------------------------------------------------------------- as a process


def test_what_arrives_is_told_as_people_read_it(capsys: pytest.CaptureFixture[str]) -> None:
    """From whom, to whom, the words; nothing a terminal obeys."""
    command.show(
        Arrival(
            at=0,
            way="sms",
            to="+12125550177",
            sender="+16175550100",
            body="Hello\n\x1b[2Jthere",
            reference="SM1",
            media=("https://x/a",),
        )
    )
    command.show(
        Arrival(
            at=0,
            way="email",
            to="a@b.example",
            sender="c@d.example",
            body="Hi",
            reference="1",
            subject="A text",
            repeat=True,
        )
    )

    assert capsys.readouterr().out == (
        "Text from +16175550100 to +12125550177\n    Hello\n    ?[2Jthere\n    https://x/a\n"
        "Mail from c@d.example to a@b.example “A text” (again)\n    Hi\n"
    )


def test_it_says_what_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m router.simulate.fake --help`."""
    monkeypatch.setattr("sys.argv", ["fake", "--help"])
    monkeypatch.delitem(sys.modules, "router.simulate.fake.__main__")

    with pytest.raises(SystemExit) as ended:
        runpy.run_module("router.simulate.fake", run_name="__main__")

    assert ended.value.code == 0


def test_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its options make a provider; it says where it listens, and runs until it is stopped."""
    ran: list[Any] = []

    class Reactor:
        def run(self) -> None:
            ran.append("ran")

        def listenTCP(self, port: int, factory: Any, interface: str) -> Any:  # noqa: N802
            ran.append((port, interface))
            return self

        def getHost(self) -> Any:  # noqa: N802
            return type("Host", (), {"port": ran[-1][0]})

    monkeypatch.setattr("twisted.internet.reactor", Reactor())
    args = [
        "--account",
        "AC1",
        "--token",
        "t",
        "--webhook-secret",
        "word",
        "--rate",
        "0.5",
        "--seed",
        "3",
        "--fault",
        "cut",
    ]

    result = CliRunner().invoke(command.main, args)
    made = command.made(
        Reactor(),
        {
            **dict.fromkeys(("account", "token", "public_url", "daemon"), "x/"),
            "webhook_secret": (),
            "port": 0,
            "smtp_port": 0,
            "rate": 0.0,
            "seed": 0,
            "kinds": (),
        },
    )

    assert result.exit_code == 0, result.output
    assert result.output == (
        "The fake provider listens: api http://127.0.0.1:8089, mail 127.0.0.1:2525, "
        "web hooks http://127.0.0.1:8089/webhooks/NAME\n"
    )
    assert ran == [(8089, "127.0.0.1"), (2525, "127.0.0.1"), "ran"]
    assert (made.public_url, made.daemon, len(made.new_id())) == ("x", "x", 32)
