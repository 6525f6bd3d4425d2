"""
What we decided, as an answer to an INVITE or a MESSAGE: the only place that writes a Contact.

A redirect shows addresses to whoever gets it, and asks him to call them. So they come from the configuration alone, lie on the
hosts it allows, and a telephone number is named only to a peer that rings it itself. What the request says goes into
`Diversion` and into the target of a voicemail box, percent-encoded.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from urllib.parse import quote

import attrs

from adapters.api import Answer, Cause, RawResponse, RejectCall, RingLegs, TakeMessage
from adapters.sip.address import Address
from adapters.sip.asked import SipAnswer, SipAsked
from adapters.sip.grammar import Params
from adapters.sip.refusal import REASONS, MalformedError
from adapters.sip.response import respond
from adapters.sip.uri import AnyUri, Uri, escape_user, host_and_port, parse_uri, same_uri
from rules.event import IncomingCall, IncomingText, Result
from rules.sipuri import sip_uri

FRAGMENT = "message/sipfrag"
"""How an answer is kept (RFC 3420): its status line, and the header fields that are not copied from the request."""

UDP_BYTES = 1300
"""What an answer over UDP must stay under: more may not arrive in one piece (RFC 3261 section 18.1.1)."""

_TAG = "0" * 32  # as long as ours
_REJECTED = {"busy": 486, "declined": 603, "unavailable": 480}
# RFC 5806 section 9.1 and RFC 4458 section 4, by how the phones of our last answer rang in vain.
_AFTER: Mapping[Result, tuple[str, int]] = {
    "busy": ("user-busy", 486),
    "no-answer": ("no-answer", 408),
    "rejected": ("deflection", 480),
    "failed": ("unavailable", 503),
}
_NO_REPLY, _AT_ONCE = 408, 302


@attrs.frozen(kw_only=True)
class Contacts:
    """
    Where calls may be sent at all.

    *hosts* are the only ones, the first takes telephone numbers; *domains* are ours. *boxes* are the addresses of voicemail
    boxes by name, *on_error* is given when we ourselves are in trouble. *most* addresses stand in one answer.
    """

    hosts: tuple[str, ...]
    domains: tuple[str, ...] = ()
    boxes: Mapping[str, str] = attrs.field(factory=dict)
    on_error: str | None = None
    most: int = 8

    def uri(self, address: str) -> Uri | None:
        """Return a phone or box as it is written into a Contact, None when calls may not be sent there; never with headers."""
        return _uri(address, self.hosts)


@lru_cache(maxsize=4096)
def _uri(address: str, hosts: tuple[str, ...]) -> Uri | None:
    """Do what `Contacts.uri` says; addresses come from the configuration, so there are not many."""
    if address[:1] == "+" and address[1:].isdecimal():
        host, port = host_and_port(hosts[0])
        return Uri(scheme="sip", user=escape_user(address), host=host, port=port, params=_PHONE)
    try:
        uri = parse_uri(address)
    except MalformedError:
        return None
    known = sip_uri(address)
    if not isinstance(uri, Uri) or known is None or not any(known.is_on(host) for host in hosts):
        return None
    return attrs.evolve(uri, password=None, headers=None)


_PHONE = Params((("user", "phone"),))


@attrs.frozen(kw_only=True)
class Question:
    """What is being answered: the request, and it in our words; *parallel*: the peer rings addresses of one rank at once."""

    asked: SipAsked
    event: IncomingCall | IncomingText
    parallel: bool = False


def write(answer: Answer, contacts: Contacts, question: Question | None) -> RawResponse:
    """
    Say what to do, as `FRAGMENT`; *question* None: in trouble, before anybody has asked.

    The first end of the plan counts: phones and the box behind them, or a refusal. What cannot be said in a redirect, an
    announcement, is left out.
    """
    if answer.to == "status":
        return _fragment(200)
    ring = [action for action in answer.actions if isinstance(action, RingLegs | TakeMessage)]
    if ring:
        return _redirect(ring, answer.cause, contacts, question)
    if answer.to == "text":
        return _fragment(202)
    refused = next((action for action in answer.actions if isinstance(action, RejectCall)), None)
    if refused is None:
        return _fragment(480)
    return _fragment(404 if answer.cause == "unknown" else _REJECTED[refused.reason])


def answer_of(response: RawResponse) -> SipAnswer:
    """Read an answer as it is kept; one that is none of ours, since nothing could be kept, tells the sender to come again."""
    if response.content_type != FRAGMENT:
        return SipAnswer(503, headers=(("Retry-After", "5"),))
    _, *lines = response.body.decode().splitlines()
    fields = (line.partition(": ") for line in lines)
    return SipAnswer(response.code, headers=tuple((name, value) for name, _, value in fields))


def _fragment(code: int, headers: Sequence[tuple[str, str]] = ()) -> RawResponse:
    lines = [f"SIP/2.0 {code} {REASONS[code]}", *(f"{name}: {value}" for name, value in headers)]
    return RawResponse(code, FRAGMENT, "".join(f"{line}\r\n" for line in lines).encode())


# ---------------------------------------------------------------- a redirect


@attrs.frozen
class _Try:
    """One address to ring; *rank* is shared by those that ring at once, *last* is the voicemail box."""

    uri: Uri
    rank: int
    last: bool = False


def _redirect(
    actions: Sequence[RingLegs | TakeMessage], cause: Cause | None, contacts: Contacts, question: Question | None
) -> RawResponse:
    if question is None and contacts.on_error is not None:
        uri = contacts.uri(contacts.on_error)
        tries = [] if uri is None else [_Try(uri, 0)]
    else:
        tries = list(_tries(actions, contacts, question))
    if question is None:
        return _fragment(302, _contact(tries)) if tries else _fragment(480)
    called = question.asked.request.uri
    possible = [each for each in _once(tries) if not _same(each.uri, called)]
    if isinstance(called, Uri) and called.scheme == "sips":
        possible = [each for each in possible if each.uri.scheme == "sips"]
    elif not possible and tries:
        return _fragment(404)
    kept = _fewer(possible, contacts.most)
    diversion = _diversion(cause, contacts, question)
    while kept:
        headers = [*_contact(kept), *diversion]
        if len(kept) == 1 or _fits(headers, question.asked):
            return _fragment(302, headers)
        kept = _fewer(kept, len(kept) - 1)
    return _fragment(480)


def _tries(actions: Sequence[RingLegs | TakeMessage], contacts: Contacts, question: Question | None) -> Iterator[_Try]:
    """Yield each address in the order of the plan, as far as it may be given to who asks."""
    rank, rang = 0, False
    for action in actions:
        if isinstance(action, TakeMessage):
            uri = contacts.uri(contacts.boxes[action.box]) if action.box in contacts.boxes else None
            if uri is not None:
                yield _Try(_voicemail(uri, contacts, question, rang=rang), rank, last=True)
            return
        for leg in action.legs:
            uri = contacts.uri(leg.address)
            if uri is not None and not (_is_number(uri) and question and not question.asked.peer.follows_redirects):
                yield _Try(uri, rank)
                rank, rang = rank + (not (question and question.parallel)), True
        rank += bool(question and question.parallel)


def _same(one: Uri, other: AnyUri) -> bool:
    """Say what `same_uri` says, which takes its time, and is only asked where the users are the same."""
    return isinstance(other, Uri) and one.name == other.name and same_uri(one, other)


@lru_cache(maxsize=4096)
def _is_number(uri: Uri) -> bool:
    """Say whether it is a telephone number; addresses come from the configuration, so there are not many."""
    known = sip_uri(str(uri))
    return known is not None and known.phone is not None


def _once(tries: Sequence[_Try]) -> list[_Try]:
    """Leave out what stands there already: an address that was tried is not tried again."""
    found: list[_Try] = []
    for each in tries:
        if not any(_same(each.uri, other.uri) for other in found):
            found.append(each)
    return found


def _fewer(tries: Sequence[_Try], most: int) -> list[_Try]:
    """Keep *most* of them, the first ones and the box: who reaches nobody must at least reach that."""
    if len(tries) <= most:
        return list(tries)
    box = [each for each in tries if each.last]
    return [*[each for each in tries if not each.last][: most - len(box)], *box]


def _contact(tries: Sequence[_Try]) -> list[tuple[str, str]]:
    """Write them with a q each, from 1.0 down by tenths, and lower for each rank."""
    ranks = list(dict.fromkeys(each.rank for each in tries))
    return [("Contact", f"<{each.uri}>;q={(10 - ranks.index(each.rank)) / 10}") for each in tries]


def _fits(headers: Sequence[tuple[str, str]], asked: SipAsked) -> bool:
    return asked.transport != "udp" or len(respond(asked.request, 302, to_tag=_TAG, headers=headers)) < UDP_BYTES


# ---------------------------------------------------------------- what the callee is told


def _voicemail(uri: Uri, contacts: Contacts, question: Question | None, *, rang: bool) -> Uri:
    """Tell the box whose call it is and why it comes there (RFC 4458)."""
    own = None if question is None else _own(contacts, question)
    if question is None or own is None:
        return uri
    _, before = _before(question.event) or ("", _AT_ONCE)
    cause = _NO_REPLY if rang else before
    params = uri.params.without("target", "cause").plus("target", _target(str(own))).plus("cause", str(cause))
    return Uri(scheme=uri.scheme, user=uri.user, host=uri.host, port=uri.port, params=params)


@lru_cache(maxsize=1024)
def _target(own: str) -> str:
    """Write one of our numbers as the value of a parameter."""
    return quote(own, safe="")


def _diversion(cause: Cause | None, contacts: Contacts, question: Question) -> list[tuple[str, str]]:
    """Say that we sent the call on, and why (RFC 5806); a text has no such field."""
    own = _own(contacts, question)
    if own is None or isinstance(question.event, IncomingText):
        return []
    otherwise = "time-of-day" if cause == "closed" else "unconditional"
    reason, _ = _before(question.event) or (otherwise, 0)
    params = Params((("reason", reason), ("counter", "1"), ("privacy", "off")))
    return [("Diversion", str(Address(own, None, params)))]


def _before(event: IncomingCall | IncomingText) -> tuple[str, int] | None:
    """Return reason and cause of a call that rang in vain already; None when this is the first we hear of it."""
    result = event.previous_result if isinstance(event, IncomingCall) else None
    return None if result is None else _AFTER.get(result)


def _own(contacts: Contacts, question: Question) -> Uri | None:
    """Return the number called, as an address of ours; None for one that is none."""
    to, called = question.event.to, question.asked.request.uri
    if to.startswith("sip:"):
        try:
            uri = parse_uri(to)
        except MalformedError:
            return None
        if not isinstance(uri, Uri):
            return None
        return Uri(scheme=uri.scheme, user=uri.user, host=uri.host, port=uri.port)
    if not to[-1:].isdecimal():
        return None
    here = called.host if isinstance(called, Uri) else host_and_port(contacts.hosts[0])[0]
    digits = "".join(char for char in to if char.isdecimal() or char == "+")
    return Uri(scheme="sip", user=escape_user(digits), host=contacts.domains[0] if contacts.domains else here)
