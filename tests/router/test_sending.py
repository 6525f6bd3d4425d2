"""What the main file says about sending becomes accounts, a mail server, web hooks, and a channel for each."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import TimeoutError  # noqa: A004
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure

from adapters.generic.rest import Exchange
from adapters.outcome import NotReached
from adapters.sending import RestRequest
from adapters.twilio.rest import Account
from router.channels.build import build
from router.channels.email import MailChannel
from router.channels.http import Line, NeverReachedError
from router.channels.sms import SmsChannel
from router.channels.trouble import in_words
from router.channels.webhook import WebhookChannel
from router.loading import InForce, Refusal, Source
from router.sending import MailServer, Sending, Webhook

ENVIRONMENT = {"SID": "AC1", "TOKEN": "first", "NEW": "second", "PBX": "word", "MAIL": "pass-word", "CRM": "crm-word"}
FILE = """
public_url: https://phone.example/
providers:
  twilio: {adapter: twilio, account: env:SID, secret: [env:TOKEN, env:NEW]}
  pbx: {adapter: generic, secret: env:PBX}
mail: {server: "[::1]:465", tls: implicit, user: phone, password: env:MAIL, from: phone@acme.example}
webhooks:
  crm: {url: https://crm.example/hook, secret: [env:CRM, env:NEW], events: [missed, voicemail]}
business: {name: Acme & Sons, timezone: America/New_York, country: US, region: MA}
schedules: {office: {mon-fri: 09:00-17:00, holidays: closed}}
people: {ann: {devices: {mobile: "+1 617 555 0141"}, texts_by: [sms]}}
numbers:
  main:
    number: "+1 617 555 0100"
    provider: twilio
    hours: office
    voicemail: box
    calls: {open: [{ring: ann}], closed: [{voicemail: box}]}
voicemail: {box: {greeting: {say: "Hello."}, notify: ann}}
"""


def _read(folder: Path, *edits: tuple[str, str], **environment: str) -> Any:
    text = FILE
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    (folder / "config.yaml").write_text(text)
    return Source(folder / "config.yaml", ENVIRONMENT | environment).read(1_795_788_000)


def _sending(folder: Path, *edits: tuple[str, str]) -> Sending:
    made = _read(folder, *edits)
    assert isinstance(made, InForce), made.shown
    return made.settings.sending


def test_what_is_made_ready(tmp_path: Path) -> None:
    """Secrets are fetched, and are shown by nothing that prints."""
    sending = _sending(tmp_path)

    assert sending.carriers == {
        "twilio": Account(
            sid="AC1", user="AC1", secret="first", own="https://phone.example", report_to="/hooks/twilio/status"
        )
    }
    assert sending.mail == MailServer(
        "::1", 465, "implicit", "phone@acme.example", "Acme & Sons", user="phone", password="pass-word"
    )
    events = frozenset({"missed", "voicemail"})
    assert sending.webhooks == {"crm": Webhook("crm", "https://crm.example/hook", (b"crm-word", b"second"), events)}
    assert not [word for word in ("first", "second", "pass-word", "crm-word") if word in repr(sending)]


def test_a_generic_provider_that_takes_texts(tmp_path: Path) -> None:
    """Its `api` is where they are posted; the first secret signs."""
    sending = _sending(tmp_path, ("secret: env:PBX}", "secret: [env:PBX, env:NEW], api: https://pbx.example/texts/}"))

    exchange = Exchange("pbx", "https://pbx.example/texts", b"word", "https://phone.example", "/hooks/pbx/status")
    assert sending.carriers["pbx"] == exchange
    assert sending.kept_here("http://127.0.0.1:8089", 2525).carriers["pbx"] == exchange.moved("http://127.0.0.1:8089")


def test_a_generic_provider_with_a_secret_that_is_none(tmp_path: Path) -> None:
    """Is told once, for all it is needed for."""
    made = _read(
        tmp_path, ("secret: env:PBX}", "secret: env:BROKEN, api: https://pbx.example/texts}"), BROKEN="whsec_!"
    )

    assert isinstance(made, Refusal)
    assert made.shown.count("must go on in base64") == 1


def test_what_nobody_asked_for(tmp_path: Path) -> None:
    """Without the sections there is nothing to send by; a login is not needed either."""
    mail = next(line for line in FILE.splitlines() if line.startswith("mail"))
    hooks = FILE[FILE.index("webhooks:") : FILE.index("business:")]

    silent = _sending(tmp_path, (mail, ""), (hooks, ""), (", account: env:SID", ""))
    plain = _sending(tmp_path, (", user: phone, password: env:MAIL", ""))

    assert silent == Sending({}, None, {})
    assert plain.mail is not None
    assert (plain.mail.user, plain.mail.password) == (None, "")


def test_without_a_word_about_mail_this_machine_takes_it(tmp_path: Path) -> None:
    """As soon as somebody is written to; most servers have one that listens."""
    mail = next(line for line in FILE.splitlines() if line.startswith("mail"))

    sending = _sending(tmp_path, (mail, ""), ("texts_by: [sms]", "texts_by: [email], email: ann@acme.example"))

    assert sending.mail is not None
    assert (sending.mail.host, sending.mail.port, sending.mail.tls) == ("127.0.0.1", 25, "none")
    assert sending.mail.sender.startswith("switchhook@")


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        pytest.param(
            ("password: env:MAIL", "password: env:GONE"), "GONE is not set", id="the password of the mail server"
        ),
        pytest.param(("secret: [env:CRM", "secret: [env:GONE"), "GONE is not set", id="the secret of a web hook"),
        pytest.param(("secret: [env:TOKEN", "secret: [env:GONE"), "GONE is not set", id="what verifies and sends"),
        pytest.param(
            ("secret: [env:CRM", "secret: [env:BROKEN"), "web hook 'crm' cannot be used", id="a secret that is none"
        ),
    ],
)
def test_what_cannot_be_had(tmp_path: Path, edit: tuple[str, str], words: str) -> None:
    """Is told once, at its place."""
    made = _read(tmp_path, edit, BROKEN="whsec_!")

    assert isinstance(made, Refusal)
    assert len(made.problems) == 1
    assert words in made.shown


def test_a_daemon_that_plays_a_part(tmp_path: Path) -> None:
    """Sends to this machine alone, with nobody's password; what is not configured stays so."""
    sending = _sending(tmp_path)

    here = sending.kept_here("http://127.0.0.1:8089", 2525)

    assert here.carriers == {"twilio": sending.carriers["twilio"].moved("http://127.0.0.1:8089")}
    assert here.mail == MailServer("127.0.0.1", 2525, "none", "phone@acme.example", "Acme & Sons")
    assert [hook.url for hook in here.webhooks.values()] == ["http://127.0.0.1:8089/webhooks/crm"]
    assert here.webhooks["crm"].keys == sending.webhooks["crm"].keys
    assert Sending().kept_here("http://127.0.0.1:8089", 2525) == Sending()


def test_a_channel_for_each(tmp_path: Path, channels: ModuleType) -> None:
    """By the channel of a message and what it goes via."""
    made = _read(tmp_path)

    built = build(made.settings, reactor=MemoryReactorClock(), clock=channels.FixedClock())

    assert {way: type(channel) for way, channel in built.items()} == {
        ("sms", "twilio"): SmsChannel,
        ("webhook", "crm"): WebhookChannel,
        ("email", "mail"): MailChannel,
    }
    bare = build(
        _read(tmp_path, ("\nmail:", "\n# mail:")).settings, reactor=MemoryReactorClock(), clock=channels.FixedClock()
    )
    assert ("email", "mail") not in bare


# ---------------------------------------------------------------- while connecting


def test_nobody_answers_the_connection(channels: ModuleType) -> None:
    """Five seconds are given to connecting; nothing was asked."""
    memory: Any = MemoryReactorClock()
    asked = Deferred.fromCoroutine(Line(memory, memory, None).exchange(RestRequest("GET", "http://127.0.0.1:9/")))
    results: list[Any] = []
    asked.addBoth(results.append)

    memory.advance(0)
    host, port, factory, seconds, _ = memory.tcpClients.pop()
    factory.clientConnectionFailed(None, Failure(TimeoutError()))
    memory.advance(1)

    assert (host, port, seconds) == ("127.0.0.1", 9, 5.0)
    assert isinstance(results[0].value, NeverReachedError)
    assert str(results[0].value) == "no connection in time"
    assert memory.getDelayedCalls() == []


def test_a_mail_server_that_is_not_connected(channels: ModuleType) -> None:
    """All the time there is goes by before anybody answers: nothing was taken."""
    memory: Any = MemoryReactorClock()
    server = MailServer("127.0.0.1", 25, "none", "a@b.example", "B")
    channel = MailChannel(server, memory, memory, channels.FixedClock(), channels.BrowserLikePolicyForHTTPS())
    results: list[Any] = []
    Deferred.fromCoroutine(channel.send(channels.mail())).addBoth(results.append)

    memory.advance(20)

    assert results == [NotReached("the mail server was not reached: no answer in time")]
    assert memory.getDelayedCalls() == []


def test_words_for_whatever_breaks() -> None:
    """No host, address or Python name."""
    assert in_words(RuntimeError("127.0.0.1")) == "the connection broke"
