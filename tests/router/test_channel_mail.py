"""Mail over a real connection of this machine: what arrives, how it is protected, and what goes wrong."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from types import ModuleType
from typing import Any

import pytest
import pytest_twisted
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol
from twisted.web.client import BrowserLikePolicyForHTTPS

from adapters.outcome import CannotTell, NotReached, Outcome, Refused, Sent, Unknown
from router.channels.letter import can_be_written_to, letter, message_id
from router.outbox.message import Message
from router.sending import MailServer
from router.simulate.fake.faults import Fault

reactor: Any = installed
SERVER = MailServer("mail.example", 587, "starttls", "phone@acme.example", "Acme & Sons")


@pytest.fixture
def bench(channels: ModuleType) -> Iterator[Any]:
    """Return a fake mail server that listens, and is gone after the test."""
    made = channels.Bench.started(reactor)
    yield made
    pytest_twisted.blockon(Deferred.fromCoroutine(made.fake.stop()))


# ---------------------------------------------------------------- the letter


def _read(content: bytes) -> Any:
    return message_from_bytes(content, policy=policy.default)


def test_a_letter(channels: ModuleType) -> None:
    """From the business, to one person, with an id that a repeat has too, and nobody's vacation notice answers it."""
    sent = channels.mail(body="Grüße\n.\nEnde", media=("https://phone.example/media/a.jpg",))

    content = letter(sent, SERVER, channels.NOW)

    mail = _read(content)
    assert (mail["From"], mail["To"], mail["Subject"]) == (
        "Acme & Sons <phone@acme.example>",
        "dana@acme.example",
        "A text for you",
    )
    assert mail["Message-ID"] == message_id(sent.key, "acme.example") == _read(letter(sent, SERVER, 0))["Message-ID"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime.timestamp() == channels.NOW
    assert mail.get_content() == "Grüße\n.\nEnde\n\nhttps://phone.example/media/a.jpg\n"
    assert content.isascii()
    assert b"\r" not in content


def test_links_that_stand_in_the_words_already(channels: ModuleType) -> None:
    """Are not repeated."""
    sent = channels.mail(body="See https://phone.example/a", media=("https://phone.example/a",))

    assert _read(letter(sent, SERVER, 0)).get_content() == "See https://phone.example/a\n"


@given(
    subject=st.text(max_size=300) | st.sampled_from(["a\r\nBcc: all@evil.example", "a\n\n<script>", "\u2028Bcc: x", "\u202egnp.exe"]),
    body=st.text(max_size=300),
    name=st.text(max_size=40),
)  # fmt: skip
def test_nobody_adds_to_a_letter(subject: str, body: str, name: str) -> None:
    """Whatever a customer writes: the headers are ours, and there are seven of them beside those of the body."""
    server = MailServer("m.example", 25, "none", "phone@acme.example", name)
    sent = Message(
        key="k",
        about="a",
        kind="notice",
        channel="email",
        via="mail",
        lane="l",
        to="d@acme.example",
        subject=subject,
        body=body,
    )

    content = letter(sent, server, 0)

    head = content.partition(b"\n\n")[0]
    names = [line.partition(b":")[0] for line in head.split(b"\n") if not line[:1].isspace()]
    body_headers = [b"Content-Type", b"Content-Transfer-Encoding", b"MIME-Version"]
    assert sorted(names) == sorted(
        [b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted", *body_headers]
    )
    assert b"evil.example" not in head or b"Bcc" not in [line[:3] for line in head.split(b"\n")]


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        pytest.param("dana@acme.example", True, id="an address"),
        pytest.param("d.r+phone@mail.acme.example", True, id="with what addresses may have"),
        pytest.param("dana@acme.example\r\nRCPT TO:<x@y.example>", False, id="with a command behind"),
        pytest.param("dana@acme.example,x@y.example", False, id="two of them"),
        pytest.param('"a b"@acme.example', False, id="quoted"),
        pytest.param("dana>@acme.example", False, id="with a bracket"),
        pytest.param("döna@acme.example", False, id="with another letter"),
        pytest.param("d..r@acme.example", False, id="two dots"),
        pytest.param(".dana@acme.example", False, id="a dot first"),
        pytest.param("d" * 241 + "@acme.example", True, id="as long as one may be"),
        pytest.param("d" * 242 + "@acme.example", False, id="longer"),
        pytest.param("dana", False, id="no domain"),
        pytest.param("", False, id="none"),
    ],
)
def test_who_can_be_written_to(address: str, fine: bool) -> None:
    """Only what no server reads in two ways."""
    assert can_be_written_to(address) == fine


@given(st.from_regex(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,20}@[a-z0-9-]{1,10}\.[a-z]{2,5}", fullmatch=True))
def test_whoever_can_be_written_to_is_written_to(address: str) -> None:
    """The letter is for them alone, as it is written."""
    if can_be_written_to(address):
        sent = Message(key="k", about="a", kind="notice", channel="email", via="mail", lane="l", to=address)

        assert _read(letter(sent, SERVER, 0))["To"] == address


@pytest_twisted.ensureDeferred
async def test_who_cannot_be_written_to(bench: Any, channels: ModuleType) -> None:
    """Nothing is sent, for good."""
    said = await bench.mail().send(channels.mail(to="dana"))

    assert said == Refused("the mail address is none that can be written to", permanent=True)


# ---------------------------------------------------------------- over a connection


@pytest_twisted.ensureDeferred
async def test_a_mail_arrives(bench: Any, channels: ModuleType) -> None:
    """Whole; and nobody can be asked about it later."""
    body = "One.\n.\n..\nlast"

    outcome = await bench.mail().send(channels.mail(body=body))

    (arrival,) = bench.fake.arrivals.all
    assert outcome == Sent("")
    assert (arrival.to, arrival.sender, arrival.subject) == (
        "dana@acme.example",
        "phone@acme.example",
        "A text for you",
    )
    assert arrival.body == body
    assert bench.timer.getDelayedCalls() == []
    assert isinstance(await bench.mail().look_up(channels.mail(), 0, lambda _: False), CannotTell)


@pytest_twisted.ensureDeferred
async def test_a_dot_where_one_piece_ends(bench: Any, channels: ModuleType) -> None:
    """A long mail goes out in pieces; a line with one dot at the seam does not end it."""
    body = "x" * 70 + "\n"
    mails = [channels.mail(key=f"k{n}", body="y" * n + "\n" + (body[n % 2 :] + ".\n") * 900) for n in range(0, 72, 6)]

    for each in mails:
        await bench.mail().send(each)

    assert [arrival.body for arrival in bench.fake.arrivals.all] == [each.body.rstrip("\n") for each in mails]


@pytest.mark.parametrize(
    ("fault", "outcome", "taken"),
    [
        pytest.param(Fault("error"), Refused("the mail server does not take this mail (451)"), False, id="an error"),
        pytest.param(Fault("cut"), Unknown("the mail server did not say whether it took it"), False, id="cut behind the dot"),
        pytest.param(Fault("cut-after"), Unknown("the mail server did not say whether it took it"), True, id="taken, then cut"),
        pytest.param(Fault("nonsense"), Unknown("the mail server did not say whether it took it"), True, id="an answer without sense"),
        pytest.param(Fault("busy"), Refused("the mail server does not take mail for this address (450)"), False, id="later"),
        pytest.param(Fault("refuse"), Refused("the mail server does not take mail for this address (550)", permanent=True), False, id="nobody there"),
        pytest.param(Fault("slow", 0.01), Sent(""), True, id="slow"),
    ],
)  # fmt: skip
@pytest_twisted.ensureDeferred
async def test_what_goes_wrong_with_a_mail(
    bench: Any, channels: ModuleType, fault: Fault, outcome: Outcome, taken: bool
) -> None:
    """Nothing is taken before the dot; behind it nobody knows until the server says so."""
    bench.fake.faults.plan(fault)

    said = await bench.mail().send(channels.mail())

    assert said == outcome
    assert len(bench.fake.arrivals.all) == taken


@pytest.mark.parametrize(("kind", "taken"), [("hang", False), ("hang-after", True)])
@pytest_twisted.ensureDeferred
async def test_a_server_that_never_answers(bench: Any, channels: ModuleType, kind: Any, taken: bool) -> None:
    """Is given twenty seconds."""
    bench.fake.faults.plan(Fault(kind))
    said = await channels.timed_out(bench, bench.mail().send(channels.mail()), lambda: bench.fake.mail.letters)

    assert said == Unknown("the mail server did not say whether it took it")
    assert len(bench.fake.arrivals.all) == taken


@pytest_twisted.ensureDeferred
async def test_nobody_listens(bench: Any, channels: ModuleType) -> None:
    """Nothing was taken."""
    await bench.fake.refuse()

    said = await bench.mail().send(channels.mail())

    assert said == NotReached("the mail server was not reached: nobody listens there")


# ---------------------------------------------------------------- encrypted, and logged in


@pytest.fixture
def guarded(channels: ModuleType) -> Iterator[Any]:
    """Return a fake mail server that encrypts and asks for user and password."""
    shown, root = channels.certificate("127.0.0.1")
    made = channels.Bench.started(reactor, mail_login=("phone", "pass-word"), mail_tls=shown)
    made.trust = BrowserLikePolicyForHTTPS(root)
    yield made
    pytest_twisted.blockon(Deferred.fromCoroutine(made.fake.stop()))


@pytest_twisted.ensureDeferred
async def test_encrypted_and_logged_in(guarded: Any, channels: ModuleType) -> None:
    """Encrypted before the password is told."""
    said = await guarded.mail(tls="starttls", user="phone", password="pass-word").send(channels.mail())

    assert said == Sent("")
    assert len(guarded.fake.arrivals.all) == 1
    assert "pass-word" not in repr(guarded.mail(password="pass-word"))


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        pytest.param({"password": "another"}, Refused("the mail server refuses our user and password (535)"), id="a wrong password"),
        pytest.param({"user": None}, Refused("the mail server takes no mail from us (530)"), id="no user"),
    ],
)  # fmt: skip
@pytest_twisted.ensureDeferred
async def test_who_is_not_let_in(guarded: Any, channels: ModuleType, changes: dict[str, Any], outcome: Outcome) -> None:
    """It may be mended, so it is tried again."""
    told = {"tls": "starttls", "user": "phone", "password": "pass-word", **changes}

    said = await guarded.mail(**told).send(channels.mail())

    assert said == outcome


@pytest_twisted.ensureDeferred
async def test_a_certificate_nobody_has_signed(guarded: Any, channels: ModuleType) -> None:
    """Nothing goes to whom we do not know."""
    guarded.trust = BrowserLikePolicyForHTTPS()

    said = await guarded.mail(tls="starttls", user="phone", password="pass-word").send(channels.mail())

    assert isinstance(said, NotReached)
    assert "certificate" in said.reason


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        pytest.param({"tls": "starttls"}, Refused("the mail server offers no encryption"), id="no encryption"),
        pytest.param({"user": "phone", "password": "x"}, Refused("the mail server knows no way to log in that we know"), id="no login"),
    ],
)  # fmt: skip
@pytest_twisted.ensureDeferred
async def test_what_a_server_does_not_offer(
    bench: Any, channels: ModuleType, changes: dict[str, Any], outcome: Outcome
) -> None:
    """Is not done without: neither mail nor password goes out in the clear when we are told to encrypt."""
    said = await bench.mail(**changes).send(channels.mail())

    assert said == outcome
    assert bench.fake.arrivals.all == []


@pytest_twisted.ensureDeferred
async def test_encrypted_from_the_first_byte(bench: Any, channels: ModuleType) -> None:
    """As port 465 has it."""
    shown, root = channels.certificate("127.0.0.1")
    bench.trust = BrowserLikePolicyForHTTPS(root)
    port = reactor.listenSSL(0, bench.fake.mail.factory(), shown, interface="127.0.0.1")

    said = await bench.mail(tls="implicit", port=port.getHost().port).send(channels.mail())
    await port.stopListening()

    assert said == Sent("")


class _Greets(Protocol):
    """Says one thing when somebody comes, and another to whatever is said."""

    greeting = b""
    reply = b""

    def connectionMade(self) -> None:  # noqa: N802
        self.transport.write(self.greeting)  # type: ignore[union-attr, call-arg, misc]

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        self.transport.write(self.reply)  # type: ignore[union-attr, call-arg, misc]


@pytest.mark.parametrize(
    ("greeting", "reply", "outcome"),
    [
        pytest.param(b"554 not you\r\n", b"", Refused("the mail server refuses us (554)"), id="not us"),
        pytest.param(
            b"HTTP/1.1 400 Bad\r\n", b"", Refused("what answers is no mail server"), id="another kind of server"
        ),
        pytest.param(
            b"220 hello\r\n", b"502 what?\r\n", Refused("the mail server refuses us (502)"), id="of another century"
        ),
    ],
)
@pytest_twisted.ensureDeferred
async def test_servers_that_are_none(
    bench: Any, channels: ModuleType, greeting: bytes, reply: bytes, outcome: Outcome
) -> None:
    """They take nothing."""
    factory: Any = Factory.forProtocol(type("Greets", (_Greets,), {"greeting": greeting, "reply": reply}))
    factory.noisy = False
    port = reactor.listenTCP(0, factory, interface="127.0.0.1")

    said = await bench.mail(port=port.getHost().port).send(channels.mail())
    await port.stopListening()

    assert said == outcome


class _Scripted(Protocol):
    """Answers one line after the other."""

    lines: tuple[bytes, ...] = ()

    def connectionMade(self) -> None:  # noqa: N802
        self.left = list(self.lines)
        self.dataReceived(b"")

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        self.transport.write(self.left.pop(0))  # type: ignore[union-attr, call-arg, misc]


@pytest_twisted.ensureDeferred
async def test_what_is_said_in_the_clear_behind_the_yes_to_encryption(bench: Any, channels: ModuleType) -> None:
    """Was put there by somebody on the way: nothing goes on from there."""
    lines = (b"220 hello\r\n", b"250 STARTTLS\r\n", b"220 go\r\n250 injected\r\n")
    factory: Any = Factory.forProtocol(type("Scripted", (_Scripted,), {"lines": lines}))
    factory.noisy = False
    port = reactor.listenTCP(0, factory, interface="127.0.0.1")

    said = await bench.mail(port=port.getHost().port, tls="starttls").send(channels.mail())
    await port.stopListening()

    assert said == Refused("the mail server offers no encryption")


@pytest_twisted.ensureDeferred
async def test_a_server_that_does_not_greet(bench: Any, channels: ModuleType) -> None:
    """Nothing was taken: the letter never went out."""
    factory: Any = Factory.forProtocol(Protocol)
    factory.noisy = False
    port = reactor.listenTCP(0, factory, interface="127.0.0.1")
    waiting = Deferred.fromCoroutine(bench.mail(port=port.getHost().port).send(channels.mail()))
    await channels.until(bench.timer.getDelayedCalls)
    bench.timer.advance(20)

    said = await waiting
    await port.stopListening()

    assert said == NotReached("the mail server was not reached: no answer in time")
