"""The sections for ops: where the daemon listens, who may connect, where calls may go at all."""

from typing import Any

from rules import fragments
from rules.decode import (
    NAME,
    TEXT,
    Field,
    Kind,
    Shape,
    choice,
    one_or_more,
    quote,
    shaped,
    text,
    whole_number,
    wrong_shape,
)
from rules.parse.named import read_named
from rules.parse.sending import ACCOUNT, API, API_KEY
from rules.parse.sipops import SIP_FRAGMENT, sip_provider
from rules.parse.values import SECRET, SECRETS
from rules.source import Mark, Problem, Report, closest
from rules.spec import FailsafeSpec, ListenSpec, ProviderSpec, SafetySpec, Secret, Word
from rules.yamltree import Mapping, Node, Scalar

ADAPTERS = ("twilio", "generic", "sip")
_LATER = {"telnyx", "vonage", "plivo", "signalwire", "sinch", "bandwidth", "telegram"}
PUBLIC, ADMIN = "127.0.0.1:8080", "127.0.0.1:8081"

_ADDRESS = text("an address such as 127.0.0.1:8080 or unix:/run/switchhook.sock", fragments.LISTENER)

_LISTEN = Shape(
    "`listen`",
    (
        Field("public", _ADDRESS, "where the providers' webhooks arrive, through your TLS proxy"),
        Field("admin", _ADDRESS, "health, status and reload; never public"),
        Field("metrics", _ADDRESS, "metrics, when they stand apart from `admin`"),
        Field(
            "trusted_proxies",
            one_or_more(text("an address or network"), "an address or network, or a list of them"),
            "proxies whose word about the sender's address is believed",
            default=(),
        ),
    ),
)


def default_listen(at: Mark) -> ListenSpec:
    """Return where the daemon listens when the file is silent: loopback only."""
    return ListenSpec(Word(PUBLIC, at), Word(ADMIN, at), None, (), at)


def _listen(at: Mark, values: dict[str, Any]) -> ListenSpec:
    values["public"] = values["public"] or Word(PUBLIC, at)
    return ListenSpec(at=at, **values)


LISTEN = shaped(_LISTEN, _listen)

_SAFETY = Shape(
    "`safety`",
    (
        Field(
            "countries",
            one_or_more(text("a country such as US"), "a country such as US, or a list of them"),
            "the only countries calls and texts may go to; else the country of the business",
        ),
        Field("max_diversions", whole_number(0, 20), "how often a call may have been forwarded before", default=3),
        Field("max_legs", whole_number(1, 100), "how many phones one call may ring in all", default=30),
        Field(
            "max_forwards_per_hour",
            whole_number(1, 100_000),
            "most calls forwarded per number and hour; left out, there is no limit",
        ),
    ),
)
DEFAULT_SAFETY = SafetySpec(None, 3, 30, None, None)
SAFETY = shaped(_SAFETY, lambda at, values: SafetySpec(at=at, **values))

_FAILSAFE = Shape(
    "`failsafe`",
    (
        Field("say", TEXT, "what a caller hears when switchhook itself is in trouble"),
        Field("voicemail", NAME, "the box such a caller may leave a message in"),
    ),
)
FAILSAFE = shaped(_FAILSAFE, lambda at, values: FailsafeSpec(at=at, **values))


def _read_adapter(key: str, node: Node, report: Report) -> Word | None:
    if not isinstance(node, Scalar) or not node.text:
        report(wrong_shape(key, _ADAPTER.wants, node))
        return None
    if node.text in ADAPTERS:
        return Word(node.text, node.at)
    meant = closest(node.text, list(ADAPTERS))
    hint = f"did you mean '{meant}'?" if meant else f"there are: {', '.join(ADAPTERS)}"
    why = "is not in this version" if node.text.lower() in _LATER else "is none that is known here"
    report(Problem("bad-value", f"the adapter {quote(node.text)} {why}", node.at, hint))
    return None


_ADAPTER: Kind[Word] = Kind(f"one of {', '.join(ADAPTERS)}", _read_adapter, ADAPTERS, fragments.choice(ADAPTERS))


def _read_keys(key: str, node: Node, report: Report) -> dict[str, Secret] | None:
    if not isinstance(node, Mapping):
        report(wrong_shape(key, _KEYS.wants, node, "write {KEY-ID: env:NAME}"))
        return None
    keys: dict[str, Secret] = {}
    read_named(key, node, lambda _, value, to: SECRET.read(key, value, to), {}, keys, report)
    return keys


_KEYS: Kind[dict[str, Secret]] = Kind(
    "the ids of keys, each with env:NAME or file:PATH", _read_keys, fragment=fragments.named(SECRET.fragment)
)

_PROVIDER = Shape(
    "a provider",
    (
        Field("adapter", _ADAPTER, "the kind of provider: twilio, generic or sip", required=True),
        Field("account", ACCOUNT, "the account at the provider; events of others are refused"),
        Field("secret", SECRETS, "what the provider signs with: env:NAME or file:PATH", required=True, to="secrets"),
        Field("signing_keys", _KEYS, "named keys of the provider's newer signature", default={}),
        Field(
            "algorithms",
            one_or_more(choice("sha1", "sha256"), "sha1, sha256 or both in a list"),
            "the signatures that are accepted",
            default=("sha1", "sha256"),
        ),
        Field(
            "api",
            API,
            "where texts are sent and recordings fetched; else the provider's own; of a generic one: where texts are posted",
        ),
        Field("api_key", API_KEY, "a key to send with in place of the account and its secret; it can be revoked alone"),
    ),
)


PROVIDER_FRAGMENT: fragments.Fragment = {
    "if": {"type": "object", "properties": {"adapter": {"const": "sip"}}, "required": ["adapter"]},
    "then": SIP_FRAGMENT,
    "else": _PROVIDER.fragment(),
}


def provider(name: Scalar, node: Node, report: Report) -> ProviderSpec | None:
    """Read one entry of `providers:`."""
    adapter = node.get("adapter") if isinstance(node, Mapping) else None
    if isinstance(adapter, Scalar) and adapter.text == "sip":
        return sip_provider(name, node, report)
    values = _PROVIDER.read(name.text, node, report)
    return None if values is None else ProviderSpec(name=name.text, at=name.at, **values)
