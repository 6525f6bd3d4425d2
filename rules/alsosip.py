"""What `diff` tells of a provider that speaks SIP: where it listens, who may ask, where its calls may go."""

from collections.abc import Iterator

from rules.factwords import NOTHING, Facts, account, listed, text_of, texts
from rules.spec.sip import PeerSpec, SipSpec


def sip_facts(name: str, sip: SipSpec) -> Facts:
    """Yield every fact of the provider that is told as *name*."""
    tls = sip.tls
    yield f"{name}: listens at", listed(texts(sip.listen))
    yield f"{name}: its certificate and key", f"{tls.certificate.text}, {tls.key.text}" if tls else NOTHING
    yield f"{name}: certificates of peers are signed by", text_of(tls.client_ca) if tls else NOTHING
    yield f"{name}: our domains", listed(texts(sip.domains))
    yield f"{name}: calls may be sent to", listed(texts(sip.contact_hosts))
    yield f"{name}: addresses in one answer, at most", str(sip.max_contacts)
    yield f"{name}: texts are", "accepted" if sip.sms_mode == "accept" else "redirected"
    yield f"{name}: address given in trouble", text_of(sip.on_error)
    for peer in sip.peers:
        yield f"{name}: peer {peer.name.text}", "; ".join(_peer(peer))


def _peer(peer: PeerSpec) -> Iterator[str]:
    """Yield who a peer is and what it may; what is not said is not so."""
    over = f" over {listed(peer.transports)}" if peer.transports else ""
    yield f"asks from {listed(texts(peer.source)) if peer.source else 'anywhere'}{over}"
    if peer.tls_subject:
        yield f"has a certificate for {peer.tls_subject.text}"
    if peer.auth:
        yield f"proves itself as {text_of(peer.user or peer.name)} with {account(peer.secret)}"
    if peer.rate:
        yield f"{peer.rate} requests a second at most"
    if peer.follows_redirects:
        yield "rings telephone numbers itself"
    if peer.trust_identity:
        yield "is believed who calls"
    if peer.called_from:
        yield f"names the number called in {peer.called_from.text}"
    if peer.asks_again:
        yield "asks again when nobody answered"
    if peer.parallel:
        yield "rings several at once"
