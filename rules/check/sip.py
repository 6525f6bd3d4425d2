"""Providers that speak SIP: where they listen, whom they know, and that calls are only sent where they may be."""

import re
from collections.abc import Iterator
from ipaddress import ip_network

import attrs

from rules.check.devices import dialled, is_sip
from rules.check.reach import reachable
from rules.check.walk import region, rung
from rules.decode import quote
from rules.sipuri import sip_uri
from rules.source import Mark, Problem, Report
from rules.spec import BoxSpec, FileSpec, NumberSpec, ProviderSpec, VoicemailStepSpec, Word
from rules.spec.sip import PeerSpec, SipSpec

_LISTENER = re.compile(r"(?P<transport>udp|tcp|tls):(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(?P<port>[0-9]{1,5})")
_HOST = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?")
_CALLED_FROM = re.compile(r"request_uri|to|p_called_party_id|header:[A-Za-z0-9-]+")
_DOMAIN = re.compile(r"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


def _speaking_sip(spec: FileSpec) -> Iterator[tuple[ProviderSpec, SipSpec]]:
    """Yield each provider that speaks SIP."""
    for provider in spec.providers.values():
        if provider.sip is not None:
            yield provider, provider.sip


def check_sip_listeners(spec: FileSpec, report: Report) -> None:
    """Every place to listen is `udp:HOST:PORT`, `tcp:…` or `tls:…`, given once; for tls there is a certificate."""
    seen: dict[str, Mark] = {}
    for provider, sip in _speaking_sip(spec):
        for word in sip.listen:
            found = _LISTENER.fullmatch(word.text)
            if found is None or int(found["port"]) > 65535:
                hint = "write udp:10.0.0.5:5060, tcp:10.0.0.5:5060 or tls:10.0.0.5:5061"
                report(Problem("bad-value", f"{quote(word.text)} is nothing to listen on for SIP", word.at, hint))
            elif found["transport"] == "tls" and sip.tls is None:
                message = f"'{provider.name}' listens on tls, and has no certificate"
                report(Problem("missing-key", message, word.at, "add `tls: {certificate: FILE, key: FILE}`"))
            elif word.text in seen and found["port"] != "0":
                hint = f"the other is at {seen[word.text]}"
                report(Problem("bad-value", f"{quote(word.text)} is used twice", word.at, hint))
            seen.setdefault(word.text, word.at)


def check_sip_names(spec: FileSpec, report: Report) -> None:
    """Domains are domains; hosts calls are sent to are hosts, perhaps with a port."""
    for _, sip in _speaking_sip(spec):
        for word in sip.domains:
            if not _DOMAIN.fullmatch(word.text):
                report(Problem("bad-value", f"{quote(word.text)} is no domain", word.at, "write biz.example.com"))
        for word in sip.contact_hosts:
            found = _HOST.fullmatch(word.text)
            if found is None or not 0 < int(found["port"] or 5060) <= 65535:
                hint = "write pbx.example.com, 10.0.0.7 or pbx.example.com:5080"
                report(Problem("bad-value", f"{quote(word.text)} is no host", word.at, hint))


def check_sip_peers(spec: FileSpec, report: Report) -> None:
    """A peer can be told from strangers, by what is there to tell it by, and has a name of its own."""
    for _, sip in _speaking_sip(spec):
        names: dict[str, Mark] = {}
        for peer in sip.peers:
            first = names.setdefault(peer.name.text, peer.name.at)
            if first != peer.name.at:
                message = f"there is already a peer {quote(peer.name.text)}"
                report(Problem("name-twice", message, peer.name.at, f"the other is at {first}; rename one of them"))
            for problem in _peer_problems(peer, sip):
                report(problem)


def _peer_problems(peer: PeerSpec, sip: SipSpec) -> Iterator[Problem]:
    name = quote(peer.name.text)
    if not peer.source and peer.tls_subject is None:
        hint = "add `source: 10.0.0.7`, or `tls_subject` with the name in its certificate"
        yield Problem("missing-key", f"nothing tells the peer {name} from a stranger", peer.at, hint)
    for word in peer.source:
        if not _is_network(word.text):
            message = f"{quote(word.text)} is neither an address nor a network"
            yield Problem("bad-value", message, word.at, "write 10.0.0.7 or 10.0.0.0/24")
    if peer.tls_subject is not None and (sip.tls is None or sip.tls.client_ca is None):
        message = f"the certificate of the peer {name} cannot be checked: nobody says who signs it"
        yield Problem("missing-key", message, peer.tls_subject.at, "add `client_ca: FILE` under `tls`")
    if peer.auth is not None and peer.secret is None:
        yield Problem("missing-key", f"the peer {name} has no secret to prove", peer.at, "add `secret: env:NAME`")
    elif peer.auth is None and (at := peer.secret or peer.user):
        message = f"the secret of the peer {name} is never asked for"
        yield Problem("missing-key", message, at.at, "add `auth: digest`, or remove it")
    if peer.called_from is not None and not _CALLED_FROM.fullmatch(peer.called_from.text):
        message = f"{quote(peer.called_from.text)} is no place of a request that could hold the number called"
        hint = "write request_uri, to, p_called_party_id or header:X-NAME"
        yield Problem("bad-value", message, peer.called_from.at, hint)


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


# ---------------------------------------------------------------- where calls may be sent


def check_contacts(spec: FileSpec, report: Report) -> None:
    """A call over SIP rings only phones on `contact_hosts`, and shows no telephone number to whom it does not concern."""
    told: set[tuple[str, Mark]] = set()
    for provider, sip in _speaking_sip(spec):
        if sip.on_error is not None and (problem := _contact_problem(sip.on_error, provider.name, sip)):
            report(problem)
        for problem in _device_problems(spec, provider, sip):
            if (provider.name, problem.at) not in told:
                told.add((provider.name, problem.at))
                report(problem)


def _device_problems(spec: FileSpec, provider: ProviderSpec, sip: SipSpec) -> Iterator[Problem]:
    shy = [peer.name.text for peer in sip.peers if not peer.follows_redirects]
    for number in _numbers_of(spec, provider):
        for name in reachable(spec, rung(spec, number)):
            for device in spec.people[name].devices:
                address = device.address
                if is_sip(address.text):
                    problem = _contact_problem(address, provider.name, sip)
                    if problem:
                        yield problem
                if shy and dialled(address, region(spec)) is not None:
                    message = (
                        f"the peer '{shy[0]}' does not follow redirects, so callers may see this number of '{name}'"
                    )
                    hint = "let the PBX know the number, and write its `sip:` address here; or `follows_redirects: yes`"
                    yield Problem("destination-not-allowed", message, address.at, hint)


def _contact_problem(address: Word, provider: str, sip: SipSpec) -> Problem | None:
    """Say what keeps calls of *provider* from being sent to *address*; one that is no address is told of elsewhere."""
    found = sip_uri(address.text)
    if found is None:
        hint = 'write "sip:anna@pbx.example.com"'
        return None if is_sip(address.text) else Problem("bad-number", "this is no sip: address", address.at, hint)
    if any(found.is_on(word.text) for word in sip.contact_hosts):
        return None
    allowed = ", ".join(word.text for word in sip.contact_hosts)
    message = f"'{provider}' sends calls to {allowed} only, and this is elsewhere"
    return Problem(
        "destination-not-allowed", message, address.at, "add its host to `contact_hosts` if calls may go there"
    )


def _numbers_of(spec: FileSpec, provider: ProviderSpec) -> Iterator[NumberSpec]:
    """Yield the numbers whose calls come from *provider*."""
    for number in spec.numbers.values():
        if provider.name in (number.provider.calls.text, *(word.text for word in number.provider.also_from)):
            yield number


# ---------------------------------------------------------------- voicemail


@attrs.frozen
class _Use:
    """A *box* that calls of *number* can end in; None: there is none at all."""

    number: NumberSpec
    box: BoxSpec | None
    at: Mark


def check_sip_boxes(spec: FileSpec, report: Report) -> None:
    """A call over SIP that ends in voicemail is sent to the box, which therefore has an address."""
    told: set[Mark] = set()
    for provider, sip in _speaking_sip(spec):
        for use in (use for number in _numbers_of(spec, provider) for use in _boxes(spec, number)):
            problem = _box_problem(use, provider.name, sip)
            if problem and problem.at not in told:
                told.add(problem.at)
                report(problem)


def _box_problem(use: _Use, provider: str, sip: SipSpec) -> Problem | None:
    if use.box is None:
        message = f"calls to '{use.number.name}' end in voicemail, and there is no box"
        return Problem("no-address", message, use.at, 'add one under `voicemail`, with `address: "sip:vm@…"`')
    if use.box.address is None or not is_sip(use.box.address.text):
        message = f"calls to '{use.number.name}' come over SIP and can end in the box '{use.box.name}', which has no sip: address"
        return Problem("no-address", message, use.at, f'add `address: "sip:vm@{sip.contact_hosts[0].text}"` to the box')
    return _contact_problem(use.box.address, provider, sip)


def _boxes(spec: FileSpec, number: NumberSpec) -> Iterator[_Use]:
    """Yield what calls to *number* can end in: the boxes its steps and the plans name, and the one for all that has no end."""
    blocks = [rule.calls for rule in number.rules] + [number.calls_open, number.calls_closed]
    blocks += [plan.calls for plan in spec.plans.values()]
    for step in (step for block in blocks for step in block or ()):
        if isinstance(step, VoicemailStepSpec) and step.box.text in spec.boxes:
            yield _Use(number, spec.boxes[step.box.text], step.box.at)
    last = number.voicemail or spec.failsafe.voicemail
    if last is None:
        yield _Use(number, next(iter(spec.boxes.values()), None), number.at)
    elif last.text in spec.boxes:
        yield _Use(number, spec.boxes[last.text], last.at)


def check_sip_addresses(spec: FileSpec, report: Report) -> None:
    """A box whose address is meant as a SIP one has one."""
    for box in spec.boxes.values():
        if box.address is not None and is_sip(box.address.text) and sip_uri(box.address.text) is None:
            hint = 'write "sip:vm@pbx.example.com"'
            report(Problem("bad-number", "this is no sip: address", box.address.at, hint))
