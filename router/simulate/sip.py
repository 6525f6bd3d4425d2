"""Plays a proxy that speaks SIP: asks by INVITE, rings the contacts of the 302, asks again where it is one that does."""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from ipaddress import ip_address
from itertools import groupby
from typing import Protocol

import attrs

from adapters.sip.address import Address
from adapters.sip.asked import SipAsked
from adapters.sip.events import event_of
from adapters.sip.framing import read_datagram
from adapters.sip.message import Request, Response
from adapters.sip.peers import Peer
from adapters.sip.uri import Uri, escape_user
from router.clock import DEMO_HEADER
from router.simulate import story
from router.simulate.scenario import (
    MOST_ANSWERS,
    NOBODY,
    PICK_UP_SECONDS,
    TALK_SECONDS,
    RingEnd,
    Scenario,
    SimulationError,
)
from router.simulate.story import Beat
from router.simulate.wire import UnreachableError
from router.sip.settings import SipSettings
from rules.directory import Directory
from rules.phone import e164

_TRIES, _PATIENCE = 3, 2.0
_REFUSED = {486: "busy", 603: "declined", 480: "unavailable", 404: "unavailable"}
_CAUSES = {"busy": 486, "rejected": 486, "failed": 503, "machine": 486}
_NO_ANSWER = 408
_HERE = ip_address("127.0.0.1")


class Exchange(Protocol):
    """Asks the daemon: sends what *write* makes for the port answers come to, and returns the final answer."""

    def __call__(
        self, write: Callable[[int], bytes], acknowledge: Callable[[int, Response], bytes | None]
    ) -> tuple[Request, Response]:
        """Raise `UnreachableError` when there is no answer."""


@attrs.frozen
class Datagrams:
    """Asks over UDP at *place*."""

    place: tuple[str, int]

    def __call__(
        self, write: Callable[[int], bytes], acknowledge: Callable[[int, Response], bytes | None]
    ) -> tuple[Request, Response]:
        """Send, again if there is no answer; an answer is acknowledged."""
        family = socket.AF_INET6 if ":" in self.place[0] else socket.AF_INET
        with closing(socket.socket(family, socket.SOCK_DGRAM)) as wire:
            wire.connect(self.place)
            wire.settimeout(_PATIENCE)
            port: int = wire.getsockname()[1]
            data = write(port)
            for _ in range(_TRIES):
                try:
                    wire.send(data)
                    final = self._final(wire)
                except OSError:
                    continue
                if ack := acknowledge(port, final):
                    wire.send(ack)
                request = read_datagram(data)
                assert isinstance(request, Request)
                return request, final
        raise UnreachableError(
            f"nobody answers SIP at udp:{self.place[0]}:{self.place[1]}; start the daemon with `switchhook run`"
        )

    def _final(self, wire: socket.socket) -> Response:
        while True:
            answer = read_datagram(wire.recv(65535))
            if isinstance(answer, Response) and answer.code >= 200:
                return answer


@attrs.define
class Proxy:
    """What the proxy knows of one call or text; *new_id* gives 32 random hexadecimal digits, *call* is the Call-ID, *sid* our id."""

    provider: str
    settings: SipSettings
    exchange: Exchange
    scenario: Scenario
    directory: Directory
    new_id: Callable[[], str]
    moment: datetime
    sid: str = ""
    call: str = ""
    beats: list[Beat] = attrs.field(factory=list)

    @property
    def peer(self) -> Peer:
        """Return the peer to ask as: one that may ask from this machine, without a password."""
        for peer in self.settings.peers:
            if peer.speaks(_HERE, "udp") and peer.login is None:
                return peer
        raise SimulationError(
            f"no peer of '{self.provider}' may ask from this machine: name one with `source: 127.0.0.1` to try it here"
        )

    def ask(self, method: str, cause: int | None = None) -> Response:
        """Send the request, of a *cause* once more, and return the final answer."""
        peer = self.peer
        branch = f"z9hG4bK{self.new_id()}"
        request, final = self.exchange(
            lambda port: self._request(method, branch, port, cause),
            lambda port, answer: self._ack(branch, port, answer) if method == "INVITE" else None,
        )
        if not self.sid:
            self.sid = event_of(SipAsked(request, peer, "udp", None), self.provider).id
        return final

    def _request(self, method: str, branch: str, port: int, cause: int | None) -> bytes:
        scenario = self.scenario
        number = e164(scenario.caller, None) or scenario.caller
        caller = f"sip:{escape_user(number)}@127.0.0.1" if number else "sip:anonymous@anonymous.invalid"
        body = (scenario.text or "").encode() if method == "MESSAGE" else b""
        lines = [
            *self._head(method, branch, port),
            f"From: <{caller}>;tag={self.call[:8]}",
            f"To: <{self._called()}>",
            *(["Content-Type: text/plain;charset=utf-8"] if method == "MESSAGE" else []),
            *([f"Reason: SIP;cause={cause}"] if cause else []),
            *([f"P-Asserted-Identity: <{caller};verstat=TN-Validation-Passed-A>"] if scenario.verified else []),
            *([f"{DEMO_HEADER}: {self.moment.isoformat()}"] if scenario.at else []),
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def _ack(self, branch: str, port: int, answer: Response) -> bytes:
        copied = [f"{name}: {answer.headers.first(name)}" for name in ("from", "to")]
        lines = [*self._head("ACK", branch, port), *copied, "Content-Length: 0"]
        return "\r\n".join([*lines, "", ""]).encode()

    def _head(self, method: str, branch: str, port: int) -> list[str]:
        return [
            f"{method} {self._called()} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch={branch}",
            f"Call-ID: {self.call}",
            f"CSeq: 1 {method}",
            "Max-Forwards: 70",
        ]

    def _called(self) -> str:
        number = self.scenario.number.e164
        domains = self.settings.provider.contacts.domains
        return number if number.startswith("sip:") else f"sip:{number}@{domains[0] if domains else '127.0.0.1'}"


def play_text(proxy: Proxy) -> None:
    """Bring a text, and see whether it is taken."""
    proxy.call = proxy.new_id()
    answer = proxy.ask("MESSAGE")
    if answer.code not in (202, 302):
        raise SimulationError(f"the daemon answers the text with {answer.code} {answer.reason}")
    proxy.beats.append(story.is_replied(None))


def play_call(proxy: Proxy) -> None:
    """Bring a call, ring whom the answers name, and ask again where the peer does, until somebody takes it or nobody is left."""
    proxy.call = proxy.new_id()
    legs, cause = iter(proxy.scenario.legs), None
    manner = proxy.settings.provider.manners.get(proxy.peer.name)
    for _ in range(MOST_ANSWERS):
        answer = proxy.ask("INVITE", cause)
        if answer.code != 302:
            proxy.beats.append(story.is_refused(_REFUSED.get(answer.code, "unavailable")))
            return
        cause = _ring(proxy, answer.headers.addresses("contact"), legs)
        if cause is None:
            return
        if manner is None or not manner.asks_again:
            proxy.beats.append(story.is_refused("unavailable"))
            return
    raise SimulationError("the call goes round in circles")


def _ring(proxy: Proxy, contacts: Sequence[Address], legs: Iterator[RingEnd]) -> int | None:
    """Ring *contacts* by their q; return how the last of them did not take the call, None when the call is over."""
    cause = _NO_ANSWER
    in_order = sorted(contacts, key=_rank, reverse=True)
    for _, rank in groupby(in_order, _rank):
        addresses = [contact.uri for contact in rank if isinstance(contact.uri, Uri)]
        if "cause" in addresses[0].params:
            proxy.beats.append(story.leaves_message(proxy.scenario.message, _box(proxy, addresses[0])))
            return None
        planned = next(legs, NOBODY)
        phones = tuple([story.whose(proxy.directory, _phone(uri)) for uri in addresses])
        chosen = next((phone for phone in phones if phone.person == planned.by), phones[0])
        longest = proxy.directory.ring_for
        proxy.moment += timedelta(seconds=longest if planned.ending == "no-answer" else PICK_UP_SECONDS)
        proxy.beats.append(story.rings(phones, longest, planned.ending, by=chosen))
        if planned.ending == "answered":
            proxy.beats.append(story.connects(chosen, TALK_SECONDS, machine=False))
        if planned.ending in ("answered", "hung-up"):
            return None
        cause = _CAUSES.get(planned.ending, _NO_ANSWER)
    return cause


def _rank(contact: Address) -> float:
    return float(contact.params.get("q") or 0)


def _phone(uri: Uri) -> str:
    """Return a contact as a device is written: a telephone number, or the address."""
    return uri.name if (uri.params.get("user") or "") == "phone" else str(uri)


def _box(proxy: Proxy, uri: Uri) -> str | None:
    """Return the name of the box at *uri*."""
    bare = str(attrs.evolve(uri, params=uri.params.without("target", "cause")))
    boxes = proxy.settings.provider.contacts.boxes
    return next((name for name, address in boxes.items() if address == bare), None)
