"""Real peers on loopback: sipp and Kamailio ask, phones ring in order, and one call stands in the audit once."""

import os
import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Place = tuple[str, int]
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ALONE = "PYTEST_XDIST_WORKER" not in os.environ and os.getloadavg()[0] < 1
CALLS = int(os.environ.get("SWITCHHOOK_SIP_CALLS", "1000"))
"""How many calls are made at 200 a second; 5,000 of them take half a minute each way."""

LONGEST = 50.0 if ALONE else 1000.0
"""Milliseconds in which 99 of 100 calls must have their answer: alone on the machine, and beside others."""


def listens(running: Any, transport: str) -> Place:
    """Return where a daemon takes SIP."""
    found = running.events("daemon.ready")[-1]["listens"].values()
    place = next(each for each in found if each.startswith(f"{transport}:"))
    _, host, port = place.split(":")
    return host, int(port)


def records(office: Any, kind: str) -> list[dict[str, Any]]:
    """Return what the audit has of *kind*."""
    return [row for row in office.rows() if row["kind"] == kind]


@pytest.mark.parametrize(
    ("alice", "bob", "rings", "who"),
    [
        pytest.param(200, 200, ["alice"], "alice", id="the first takes it"),
        pytest.param(486, 200, ["alice", "bob"], "bob", id="the first is busy"),
        pytest.param(0, 200, ["alice", "bob"], "bob", id="the first does not answer"),
        pytest.param(486, 486, ["alice", "bob", "vm"], "vm", id="both are busy"),
    ],
)
def test_who_answers_behind_kamailio(
    sip: ModuleType,
    sipp: Any,
    sip_office: Any,
    kamailio: Callable[[Place], Place],
    alice: int,
    bob: int,
    rings: list[str],
    who: str,
) -> None:
    """With the Kamailio of the documentation phones ring in the order of the plan, and the caller speaks with who takes it."""
    with ExitStack() as stack:
        phones = {
            name: stack.enter_context(sip.Phone(code)) for name, code in (("alice", alice), ("bob", bob), ("vm", 200))
        }
        for name, old in (("alice", 1), ("bob", 2), ("vm", 3)):
            sip_office.edit(f"sip:{name}@127.0.0.1:{old}", f"sip:{name}@127.0.0.1:{phones[name].port}")
        proxy = kamailio(listens(sip_office.start(), "udp"))

        played = sipp.run("caller.xml", proxy, "-m", "1", "-trace_logs", "-log_file", "who.log")

        assert played.returncode == 0, played.stdout[-3000:]
        assert (sipp.folder / "who.log").read_text().split()[
            -1
        ] == f"sip:{phones[who].port}@127.0.0.1:{phones[who].port}"
        assert [name for name, phone in phones.items() if phone.calls] == rings
        first = phones[who].calls[0]
        assert "\r\nDiversion: <sip:100@biz.example.com>;reason=" in first
        assert (";target=sip%3A100%40biz.example.com;cause=408" in first.partition("\r\n")[0]) == (who == "vm")
    (call,) = records(sip_office, "call")
    assert call["rule"] == "front.calls.open"


def test_kamailio_asks_again(sip: ModuleType, sipp: Any, sip_office: Any, kamailio: Callable[[Place], Place]) -> None:
    """A proxy that asks again when nobody took the call gets the next step, and the missed call is recorded."""
    with ExitStack() as stack:
        phones = {
            name: stack.enter_context(sip.Phone(code)) for name, code in (("alice", 486), ("bob", 0), ("vm", 200))
        }
        for name, old in (("alice", 1), ("bob", 2), ("vm", 3)):
            sip_office.edit(f"sip:{name}@127.0.0.1:{old}", f"sip:{name}@127.0.0.1:{phones[name].port}")
        sip_office.edit("trust_identity: yes", "trust_identity: yes, asks_again: yes")
        proxy = kamailio(listens(sip_office.start(), "udp"))

        played = sipp.run("caller.xml", proxy, "-m", "1", "-trace_logs", "-log_file", "who.log")

        assert played.returncode == 0, played.stdout[-3000:]
        assert [len(phone.calls) for phone in phones.values()] == [1, 1, 1]
        assert ";cause=408 " in phones["vm"].calls[0].partition("\r\n")[0]
        assert ";reason=no-answer" in phones["vm"].calls[0]
    assert len(records(sip_office, "call")) == 1
    assert [row["outcome"].partition(" (")[0] for row in records(sip_office, "next")] == ["busy", "no answer"]


def test_a_text_is_taken(sipp: Any, sip_office: Any) -> None:
    """A MESSAGE is accepted, and stands in the audit."""
    server = listens(sip_office.start(), "udp")

    played = sipp.run("texter.xml", server, "-m", "1")

    assert played.returncode == 0, played.stdout[-3000:]
    assert [row["to"] for row in records(sip_office, "text")] == ["front"]


@pytest.mark.parametrize(("transport", "mode"), [("udp", "u1"), ("tcp", "t1")])
def test_two_hundred_calls_a_second(  # noqa: PLR0913, RUF100
    daemons: ModuleType, sip: ModuleType, sipp: Any, sip_office: Any, transport: str, mode: str
) -> None:
    """They are all answered, quickly, and each is recorded once."""
    running = sip_office.start()
    server = listens(running, transport)

    played = sipp.run("asker.xml", server, "-t", mode, "-r", "200", "-m", str(CALLS), "-trace_rtt", "-rtt_freq", "1")

    assert played.returncode == 0, played.stdout[-3000:]
    times = sip.round_trips(sipp.folder)
    print(
        f"{transport}: {len(times)} calls, milliseconds to the 302:",
        *[f"p{share} {times[CALLS * share // 100 - 1]}" for share in (50, 99, 100)],
    )
    assert len(times) == CALLS
    assert times[CALLS * 99 // 100 - 1] < LONGEST
    assert 'retransmissions_total{direction="out"}' not in running.ask("/metrics")[1]  # every ACK was understood
    daemons.until(lambda: len(records(sip_office, "call")) >= CALLS, within=60.0, what="a disk that keeps up")
    assert len(records(sip_office, "call")) == CALLS


def test_one_call_is_decided_once(sip: ModuleType, sip_office: Any) -> None:
    """Copies, a lost answer, a restart: the same call gets the same answer, and is in the audit once."""
    running = sip_office.start()
    server = listens(running, "udp")
    sip_office.edit("udp:127.0.0.1:0", f"udp:127.0.0.1:{server[1]}")
    with sip.client(server) as client:
        call = sip.invite(client.port, "one")
        client.send(call)
        first = client.hear()
        client.send(call)
        again = client.hear()
        running.kill()
        sip_office.start()
        while client.hear(0.1):
            pass
        client.send(call)
        after = client.hear()
        client.send(call.replace(b"z9hG4bKone", b"z9hG4bKother"))
        other = client.hear()

    assert first is not None
    assert first.startswith("SIP/2.0 302 ")
    assert again == first
    assert after is not None
    assert _contacts(after) == _contacts(first) != []
    assert other is not None  # while the first way is known it is a merged request, afterwards the same call
    assert len(records(sip_office, "call")) == 1


def _contacts(answer: str) -> list[str]:
    return [line for line in answer.split("\r\n") if line.startswith(("Contact:", "Diversion:"))]


@pytest.mark.parametrize("method", ["OPTIONS", "INVITE", "REGISTER", "MESSAGE"])
def test_a_stranger_hears_nothing(sip: ModuleType, sip_office: Any, method: str) -> None:
    """Who is no peer gets no byte back, and a connection of his is cut."""
    sip_office.edit("source: 127.0.0.1,", "source: 127.0.0.2,")
    running = sip_office.start()
    with sip.client(listens(running, "udp")) as client:
        client.send(sip.invite(client.port, "stranger", method=method))
        assert client.hear(0.5) is None
    heard = b""
    with suppress(ConnectionResetError), socket.create_connection(listens(running, "tcp"), timeout=5) as connection:
        connection.sendall(sip.invite(1, "stranger", method=method, transport="TCP"))
        heard = connection.recv(100)
    assert heard == b""


def test_over_tls(sip: ModuleType, sip_office: Any) -> None:
    """A peer that is known by its certificate is served over TLS."""
    _certificate(sip_office.folder)
    sip_office.edit(
        "listen: [udp:127.0.0.1:0, tcp:127.0.0.1:0]",
        "listen: tls:127.0.0.1:0\n    tls: {certificate: own.pem, key: own.key, client_ca: own.pem}",
    )
    sip_office.edit("source: 127.0.0.1,", "tls_subject: biz.example.com,")
    server = listens(sip_office.start(), "tls")
    context = ssl.create_default_context(cafile=sip_office.folder / "own.pem")
    context.load_cert_chain(sip_office.folder / "own.pem", sip_office.folder / "own.key")

    with (
        closing(socket.create_connection(server, timeout=5)) as plain,
        context.wrap_socket(plain, server_hostname="biz.example.com") as connection,
    ):
        connection.sendall(sip.invite(5061, "secure", transport="TLS"))
        answer = connection.recv(65535).decode()

    assert answer.startswith("SIP/2.0 302 ")


def _certificate(folder: Path) -> None:
    """Make a certificate for biz.example.com that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "biz.example.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(_LONG_AGO)
        .not_valid_after(_LONG_AGO + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("biz.example.com")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "own.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "own.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def test_newer_rules_are_followed(sip: ModuleType, sip_office: Any) -> None:
    """A reload changes who may ask and where calls go, without closing anything."""
    running = sip_office.start()
    with sip.client(listens(running, "udp")) as client:
        sip_office.edit("ring: alice}, {ring: bob", "ring: bob")
        assert sip_office.command("reload", "--wait").exit_code == 0
        client.send(sip.invite(client.port, "after"))
        answer = client.hear()
        sip_office.edit("source: 127.0.0.1,", "source: 127.0.0.2,")
        assert sip_office.command("reload", "--wait").exit_code == 0
        client.send(sip.invite(client.port, "stranger"))
        while (late := client.hear(0.7)) and "stranger" not in late:
            pass

    assert answer is not None
    assert "alice" not in answer
    assert late is None or "stranger" not in late
