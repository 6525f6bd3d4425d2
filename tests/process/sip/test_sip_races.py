"""What gets lost and what comes at the wrong moment, between a daemon and a peer that says just what it is told to say."""

import signal
import socket
from contextlib import closing
from types import ModuleType
from typing import Any

import pytest

Place = tuple[str, int]


def listens(running: Any, transport: str) -> Place:
    """Return where a daemon takes SIP; an IPv6 address without its brackets."""
    found = running.events("daemon.ready")[-1]["listens"].values()
    _, _, place = next(each for each in found if each.startswith(f"{transport}:")).partition(":")
    host, _, port = place.rpartition(":")
    return host.strip("[]"), int(port)


def about_calls(office: Any) -> list[tuple[str, str | None]]:
    """Return what the audit has of calls: the kind of each row, and how a call ended."""
    return [(row["kind"], row.get("status")) for row in office.rows() if row["kind"] in ("call", "ended")]


def answers(client: Any, count: int) -> list[str]:
    """Return the start lines of the next *count* answers, each with the method it is to."""
    heard = [client.hear() or "" for _ in range(count)]
    methods = [
        next((line.split()[-1] for line in each.split("\r\n") if line.startswith("CSeq:")), "") for each in heard
    ]
    return sorted(f"{each[8:11]} {method}" for each, method in zip(heard, methods, strict=True))


def test_a_call_cancelled_before_its_decision_is_on_disk(sip: ModuleType, sip_office: Any) -> None:
    """Both requests wait for a daemon that sleeps: it hears of the CANCEL before it can answer, says 487, and decides once."""
    running = sip_office.start()
    with sip.client(listens(running, "udp")) as client:
        running.process.send_signal(signal.SIGSTOP)
        client.send(sip.invite(client.port, "hasty"))
        client.send(sip.invite(client.port, "hasty", method="CANCEL"))
        running.process.send_signal(signal.SIGCONT)
        heard = answers(client, 2)
        client.send(sip.invite(client.port, "hasty", method="ACK"))
        client.send(sip.invite(client.port, "hasty", method="CANCEL"))
        again = answers(client, 1)

    running.stop()  # who hangs up is told so before the record of it is on disk

    assert heard == ["200 CANCEL", "487 INVITE"]
    assert again == ["200 CANCEL"]
    assert [kind for kind, _ in about_calls(sip_office)] == ["call", "ended"]


def test_calls_cancelled_at_once(sip: ModuleType, sip_office: Any) -> None:
    """Whoever is first, each call is decided once, has one final answer, and its CANCEL is heard."""
    running = sip_office.start()
    with sip.client(listens(running, "udp")) as client:
        for at in range(30):
            client.send(sip.invite(client.port, f"race{at}"))
            client.send(sip.invite(client.port, f"race{at}", method="CANCEL"))
            final, heard = answers(client, 2)[::-1]
            client.send(sip.invite(client.port, f"race{at}", method="ACK"))
            assert final in ("302 INVITE", "487 INVITE")
            assert heard == "200 CANCEL"
    running.stop()

    assert [kind for kind, _ in about_calls(sip_office)].count("call") == 30


def test_an_answer_nobody_acknowledges(sip: ModuleType, sip_office: Any) -> None:
    """It is said again, to the byte, until the ACK comes; the call is in the audit once."""
    running = sip_office.start()
    with sip.client(listens(running, "udp")) as client:
        client.send(sip.invite(client.port, "unheard"))
        first, second, third = client.hear(), client.hear(), client.hear()
        client.send(sip.invite(client.port, "unheard", method="ACK"))
        later = client.hear(2.5)  # the next would come after two seconds

    assert first is not None
    assert first.startswith("SIP/2.0 302 ")
    assert first == second == third
    assert later is None
    assert about_calls(sip_office) == [("call", None)]


def _ipv6() -> bool:
    try:
        with closing(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_over_ipv6(sip: ModuleType, sip_office: Any, transport: str) -> None:
    """A peer is known by its IPv6 address, hears where its request came from, and is sent on to an IPv6 host."""
    if not _ipv6():
        pytest.skip("this machine has no IPv6")
    sip_office.edit("listen: [udp:127.0.0.1:0, tcp:127.0.0.1:0]", 'listen: ["udp:[::1]:0", "tcp:[::1]:0"]')
    sip_office.edit("source: 127.0.0.1,", 'source: "::1/128",')
    server = listens(sip_office.start(), transport)
    call = sip.invite(5070, "six", transport=transport.upper()).replace(
        b"127.0.0.1:5070;", b"[2001:db8::9]:5070;rport;"
    )
    kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    with closing(socket.socket(socket.AF_INET6, kind)) as wire:
        wire.settimeout(5)
        wire.connect(server)
        wire.sendall(call)
        answer = wire.recv(65535).decode()
        port = wire.getsockname()[1]

    assert answer.startswith("SIP/2.0 302 ")
    assert f"[2001:db8::9]:5070;branch=z9hG4bKsix;received=::1;rport={port}" in answer


def test_a_port_for_both(sip: ModuleType, sip_office: Any) -> None:
    """A port for both knows an IPv4 address however the socket writes it, and nobody else by it."""
    if not _ipv6():
        pytest.skip("this machine has no IPv6")
    sip_office.edit("listen: [udp:127.0.0.1:0, tcp:127.0.0.1:0]", 'listen: "udp:[::]:0"')
    running = sip_office.start()
    _, port = listens(running, "udp")
    with sip.client(("127.0.0.1", port)) as client:
        client.send(sip.invite(client.port, "four"))
        mapped = client.hear(2.0)
    with closing(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)) as wire:
        wire.settimeout(0.5)
        wire.connect(("::1", port))
        wire.sendall(sip.invite(wire.getsockname()[1], "six"))
        with pytest.raises(TimeoutError):
            wire.recv(65535)

    assert (mapped or "").startswith("SIP/2.0 302 ")
