"""A provider that speaks SIP: its listeners, its peers, and where calls may be sent."""

from typing import Any, get_args

from rules import fragments
from rules.decode import TEXT, YES_NO, Field, Kind, Shape, bad_value, choice, one_or_more, shaped, text, whole_number
from rules.parse.values import SECRET
from rules.source import Mark, Report
from rules.spec.ops import ProviderSpec
from rules.spec.sip import PeerSpec, SipSpec, SipTlsSpec, Transport
from rules.spec.words import Word
from rules.yamltree import Node, Scalar

MOST_CONTACTS = 10
"""As many ranks as there are between q=1.0 and q=0.1."""

_TRANSPORTS = get_args(Transport)
_LISTENER = "^(?:udp|tcp|tls):(?:\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}$"
_CALLED_FROM = "^(?:request_uri|to|p_called_party_id|header:[A-Za-z0-9-]+)$"
_HOST = "^(?:\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9.-]+)(?::[0-9]{1,5})?$"

_TLS = Shape(
    "`tls`",
    (
        Field("certificate", text("a file"), "the file of our certificate, and those it is signed with", required=True),
        Field("key", text("a file"), "the file of its key", required=True),
        Field(
            "client_ca",
            text("a file"),
            "the file of those who sign our peers' certificates; then each peer must have one",
        ),
    ),
)
_TLS_KIND = shaped(_TLS, lambda at, values: SipTlsSpec(at=at, **values))


def _read_rate(key: str, node: Node, report: Report) -> int | None:
    number, _, unit = node.text.partition("/") if isinstance(node, Scalar) else ("", "", "")
    if unit == "s" and number.isascii() and number.isdecimal() and 0 < len(number) <= 6 and int(number):
        return int(number)
    report(bad_value(key, node, _RATE.wants))
    return None


_RATE: Kind[int] = Kind(
    "a number of requests a second, such as 20/s", _read_rate, fragment=fragments.text("^0*[1-9][0-9]*/s$")
)

_PEER = Shape(
    "a peer",
    (
        Field("name", TEXT, "how it is called in the log and the metrics", required=True),
        Field("source", one_or_more(TEXT, "an address or network, or a list of them"), "the addresses it asks from", default=()),
        Field("tls_subject", text("the name in its certificate"), "the name in its certificate, where it comes over TLS"),
        Field("transports", one_or_more(choice(*_TRANSPORTS), "udp, tcp, tls or a list of them"), "how it may come", default=()),
        Field("auth", choice("digest"), "digest: it must prove that it knows the secret"),
        Field("user", TEXT, "the name it proves it with; else the peer's name"),
        Field("secret", SECRET, "the secret of `auth`: env:NAME or file:PATH"),
        Field("rate", _RATE, "most requests a second, such as 20/s; left out, there is no limit"),
        Field(
            "follows_redirects",
            YES_NO,
            "whether it rings the addresses we answer itself; if not, a caller may see them, so no telephone number is given",
            default=False,
        ),
        Field(
            "trust_identity",
            YES_NO,
            "whether its word is believed about who calls, how sure that is, and who forwarded the call",
            default=False,
        ),
        Field(
            "called_from",
            text("request_uri, to, p_called_party_id or header:X-NAME", _CALLED_FROM),
            "what holds the number called: request_uri, to, p_called_party_id or header:X-NAME; else request_uri",
        ),
        Field("asks_again", YES_NO, "whether it asks again when nobody answered; then it gets one step at a time", default=False),
        Field("parallel", YES_NO, "whether it rings addresses of one rank (`q`) at once; else one after another", default=False),
    ),
)  # fmt: skip


_PEER_KIND = shaped(_PEER, lambda at, values: PeerSpec(at=at, **values))
_PEERS: Kind[tuple[PeerSpec, ...]] = one_or_more(_PEER_KIND, "a list of peers")

_SIP = Shape(
    "a provider that speaks SIP",
    (
        Field("adapter", text("sip"), "the kind of provider: sip", required=True),
        Field(
            "listen",
            one_or_more(text("udp:HOST:PORT, tcp:HOST:PORT or tls:HOST:PORT", _LISTENER), "udp:HOST:PORT and the like, or a list of them"),
            "where we listen: udp:HOST:PORT, tcp:HOST:PORT, tls:HOST:PORT",
            required=True,
        ),
        Field("tls", _TLS_KIND, "our certificate, for what listens on tls"),
        Field("domains", one_or_more(TEXT, "a domain, or a list of them"), "the domains that are ours; left out, any", default=()),
        Field("peers", _PEERS, "who may ask; anybody else gets no answer at all", required=True),
        Field(
            "contact_hosts",
            one_or_more(text("a host", _HOST), "a host, or a list of them"),
            "the only hosts calls may be sent to; a telephone number goes to the first of them",
            required=True,
        ),
        Field("max_contacts", whole_number(1, MOST_CONTACTS), "most addresses in one answer", default=8),
        Field("sms_mode", choice("accept", "redirect"), "whether we take a text and send it on, or answer where to send it", default="accept"),
        Field("on_error", text("a sip: address"), "the address given when switchhook itself is in trouble; else the caller is told to try later"),
    ),
)  # fmt: skip

SIP_FRAGMENT = _SIP.fragment()


def sip_provider(name: Scalar, node: Node, report: Report) -> ProviderSpec | None:
    """Read an entry of `providers:` whose adapter is sip."""
    values = _SIP.read(name.text, node, report)
    return None if values is None else _provider(name.text, name.at, values)


def _provider(name: str, at: Mark, values: dict[str, Any]) -> ProviderSpec:
    adapter: Word = values.pop("adapter")
    return ProviderSpec(name, adapter, None, (), {}, (), at, sip=SipSpec(**values))
