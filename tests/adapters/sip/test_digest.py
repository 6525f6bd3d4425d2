"""Digest authentication, against the vectors of RFC 7616 and a client written from its recipe."""

import re
from collections.abc import Callable
from hashlib import new
from ipaddress import ip_network
from types import ModuleType
from typing import Any

import pytest

from adapters.sip.digest import Credentials, Digest, _proves
from adapters.sip.peers import Peer

Write = Callable[..., bytes]
LOGIN = Credentials("biz", {"anna": "sesame"})
PEER = Peer(name="roaming", source=(ip_network("10.0.0.0/24"),), login=LOGIN)
URI = "sip:100@biz.example.com"


def proof(challenge: str, **changes: str) -> str:
    """Answer a challenge as RFC 7616 section 3.4.1 says; *changes* replace what is said, not what is hashed."""
    nonce = re.search('nonce="([^"]+)"', challenge)[1]  # type: ignore[index]
    kind = re.search("algorithm=([A-Z0-9-]+)", challenge)[1]  # type: ignore[index]
    with_ = {"username": "anna", "password": "sesame", "nc": "00000001", "uri": URI, "method": "INVITE"} | changes

    def hashed(text: str) -> str:
        return new({"MD5": "md5", "SHA-256": "sha256"}[kind], text.encode()).hexdigest()

    secret = hashed(f"{with_['username']}:biz:{with_['password']}")
    asked = hashed(f"{with_['method']}:{with_['uri']}")
    response = hashed(f"{secret}:{nonce}:{with_['nc']}:c:auth:{asked}")
    said = {"username": with_["username"], "realm": "biz", "nonce": nonce, "uri": with_["uri"], "response": response}
    said |= {"cnonce": "c", "algorithm": kind}
    said = {name: changes.get("said_" + name, value) for name, value in said.items()}
    quoted = ", ".join(f'{name}="{value}"' for name, value in said.items())
    return f"Authorization: Digest {quoted}, qop={changes.get('qop', 'auth')}, nc={with_['nc']}"


def challenged(sip: ModuleType, world: Any) -> list[str]:
    """Return the challenges last sent."""
    found: list[str] = sip.said(world.socket.sent[-1][1]).headers.all("www-authenticate")
    return found


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        pytest.param("MD5", "8ca523f5e9506fed4657c9700eebdbec", id="MD5"),
        pytest.param("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", id="SHA-256"),
    ],
)
def test_the_vectors_of_rfc_7616(sip_request: Callable[..., Any], algorithm: str, response: str) -> None:
    """Section 3.9.1, word for word; one digit changed and it is no proof."""
    given = {
        "username": "Mufasa", "uri": "/dir/index.html", "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "nc": "00000001", "cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "algorithm": algorithm,
        "response": response,
    }  # fmt: skip
    login = Credentials("http-auth@example.org", {"Mufasa": "Circle of Life"})
    request = sip_request("GET /dir/index.html SIP/2.0")
    assert _proves(given, request, login)
    assert not _proves(given | {"response": response[:-1] + "0"}, request, login)


@pytest.mark.parametrize("which", [pytest.param(0, id="SHA-256"), pytest.param(1, id="MD5")])
def test_who_knows_the_password_is_served(sip: ModuleType, sip_bytes: Write, which: int) -> None:
    """Each challenge offered can be answered; the stronger one is offered first, nothing is sent again by itself."""
    world = sip.World(PEER)
    assert world.send(sip_bytes(sip.INVITE)) == [401]
    offers = challenged(sip, world)
    assert ["SHA-256" in offers[0], "MD5" in offers[1]] == [True, True]
    world.until(5)
    assert world.codes() == [401]
    assert world.send(sip_bytes(sip.INVITE, proof(offers[which]))) == [302]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"password": "wrong"}, id="a wrong password"),
        pytest.param({"username": "nobody"}, id="a user that is not there"),
        pytest.param({"username": "nobody", "password": "nobody has this password, but its digest takes as long to make"}, id="the password of nobody"),
        pytest.param({"method": "OPTIONS"}, id="a proof for another method"),
        pytest.param({"uri": "sip:900@biz.example.com"}, id="a proof for another URI"),
        pytest.param({"uri": "<>"}, id="a URI that is none"),
        pytest.param({"said_realm": "other"}, id="another realm"),
        pytest.param({"qop": "auth-int"}, id="a protection not offered"),
        pytest.param({"nc": "1"}, id="a counter that is none"),
        pytest.param({"said_algorithm": "SHA-1"}, id="an algorithm not offered"),
        pytest.param({"said_response": "\u00e4"}, id="a response that is no digest"),
    ],
)  # fmt: skip
def test_whoever_does_not_is_challenged(sip: ModuleType, sip_bytes: Write, changes: dict[str, str]) -> None:
    """Always the same way, so that nobody learns which of it was wrong."""
    world = sip.World(PEER)
    world.send(sip_bytes(sip.INVITE))
    offers = challenged(sip, world)
    assert world.send(sip_bytes(sip.INVITE, proof(offers[0], **changes))) == [401]
    assert challenged(sip, world) == offers


@pytest.mark.parametrize(
    "line", ["Authorization: Basic YTpi", 'Authorization: Digest a="', "Authorization: Digest a=b"]
)
def test_other_logins_are_passed_over(sip: ModuleType, sip_bytes: Write, line: str) -> None:
    """A field that is none, or another scheme, is as good as nothing; one of several that fits is enough."""
    world = sip.World(PEER)
    assert world.send(sip_bytes(sip.INVITE, line)) == [401]
    assert world.send(sip_bytes(sip.INVITE, line, proof(challenged(sip, world)[0]))) == [302]


@pytest.mark.parametrize(
    ("nc", "ip", "at", "code"),
    [
        pytest.param("00000002", "10.0.0.7", 300, 200, id="the next request, up to the end"),
        pytest.param("00000002", "10.0.0.7", 301, 401, id="after the end"),
        pytest.param("00000001", "10.0.0.7", 1, 401, id="a replay"),
        pytest.param("00000002", "10.0.0.8", 1, 401, id="from another address"),
    ],
)
def test_a_nonce(sip: ModuleType, sip_bytes: Write, nc: str, ip: str, at: float, code: int) -> None:
    """It is good for one source, for five minutes, once for each count; otherwise a new one is sent, marked stale."""
    world = sip.World(PEER)
    world.send(sip_bytes(sip.INVITE))
    offer = challenged(sip, world)[0]
    world.send(sip_bytes(sip.INVITE, proof(offer)))
    world.send(sip_bytes(sip.ACK))
    world.until(at)
    options = f"OPTIONS {URI} SIP/2.0"
    assert world.send(sip_bytes(options, proof(offer, method="OPTIONS", nc=nc)), ip)[-1:] == [code]
    if code == 401:
        assert all("stale=true" in each for each in challenged(sip, world))


def test_a_nonce_of_somebody_elses(sip: ModuleType, sip_bytes: Write) -> None:
    """Made up or damaged, it is replaced."""
    world = sip.World(PEER)
    assert world.send(sip_bytes(sip.INVITE, proof('nonce="x", algorithm=MD5'))) == [401]
    assert "stale=true" in challenged(sip, world)[0]


@pytest.mark.parametrize("number", ["100", "999"])
def test_a_scanner_learns_nothing(sip: ModuleType, sip_bytes: Write, number: str) -> None:
    """Without a password every number, method and domain is answered alike, and nothing is decided; CANCEL is never challenged."""
    world = sip.World(PEER, domains=frozenset({"biz.example.com"}))
    for method in ("INVITE", "OPTIONS", "MESSAGE", "REGISTER", "BYE"):
        assert world.send(sip_bytes(f"{method} sip:{number}@biz.example.com SIP/2.0")) == [401]
        assert world.send(sip_bytes(f"{method} sip:{number}@other.example SIP/2.0")) == [401]
    assert world.send(sip_bytes(sip.CANCEL)) == [481]
    assert world.send(sip_bytes(sip.ACK)) == []
    assert world.decider.asked == []


def test_counters_are_not_remembered_for_ever() -> None:
    """Those of nonces that are over make room."""
    digest = Digest(b"secret")
    for n in range(4000):
        digest._remember(digest._nonce(f"{n:x}.m", "x"), 1, n)
    assert len(digest._used) == 301


def test_two_callers_in_one_second(sip: ModuleType, sip_bytes: Write) -> None:
    """Behind one address they get a nonce each, so that neither uses up the other's; a copy is challenged to the byte alike."""
    world = sip.World(PEER)
    fields = {"Call_ID": "other@x", "Via": "SIP/2.0/UDP 10.0.0.7;branch=z9hG4bKother"}
    world.send(sip_bytes(sip.INVITE))
    one = challenged(sip, world)[0]
    world.send(sip_bytes(sip.INVITE))
    assert challenged(sip, world)[0] == one
    world.send(sip_bytes(sip.INVITE, **fields))
    other = challenged(sip, world)[0]
    assert world.send(sip_bytes(sip.INVITE, proof(one))) == [302]
    assert world.send(sip_bytes(sip.INVITE, proof(other), **fields)) == [302]
