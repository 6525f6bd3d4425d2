"""Providers are built from the configuration, or it is said what is missing there."""

from typing import Any

import attrs
import pytest

from adapters.generic import Generic
from adapters.registry import UnusableProviderError, build, build_carrier
from adapters.twilio import Twilio
from adapters.twilio.rest import Account
from rules.source import Mark
from rules.spec import ApiKeySpec, ProviderSpec, Secret, Word

AT = Mark("config.yaml", 3, 5)
VAULT = {"TOKEN": "12345", "SID": "AC1", "KEY": "shared", "EMPTY": "", "BAD": "whsec_!"}


def _secret(name: str) -> Secret:
    return Secret("env", name, AT)


SPEC = ProviderSpec(
    name="line",
    adapter=Word("twilio", AT),
    account=_secret("SID"),
    secrets=(_secret("TOKEN"),),
    signing_keys={"WK1": _secret("KEY")},
    algorithms=("sha1", "sha256"),
    at=AT,
)


def _build(**changes: Any) -> Any:
    return build(attrs.evolve(SPEC, **changes), "https://h.example", lambda secret: VAULT[secret.name])


@pytest.mark.parametrize(
    ("adapter", "kind"),
    [("twilio", Twilio), ("generic", Generic)],
)
@pytest.mark.parametrize("account", [_secret("SID"), Word("AC1", AT), _secret("EMPTY"), None])
def test_providers_are_built(adapter: str, kind: type, account: Any) -> None:
    """Each adapter by its name, with or without an account."""
    provider = _build(adapter=Word(adapter, AT), account=account)

    assert isinstance(provider, kind)
    assert provider.name == "line"
    assert provider.capabilities.replies_in_answer
    assert "12345" not in repr(provider)


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        pytest.param({"adapter": Word("twillio", AT)}, "unknown-adapter", "did you mean 'twilio'?", id="a typo"),
        pytest.param(
            {"adapter": Word("fax", AT)}, "unknown-adapter", "adapters are twilio and generic", id="no such adapter"
        ),
        pytest.param({"secrets": ()}, "secret-missing", "has no secret", id="no secret"),
        pytest.param(
            {"secrets": (_secret("TOKEN"), _secret("EMPTY"))}, "secret-missing", "has no secret", id="an empty secret"
        ),
        pytest.param(
            {"signing_keys": {"WK1": _secret("EMPTY")}}, "secret-unusable", "'WK1' is empty", id="an empty key"
        ),
        pytest.param(
            {"adapter": Word("generic", AT), "secrets": (_secret("BAD"),)},
            "secret-unusable",
            "base64",
            id="a broken secret",
        ),
    ],
)
def test_what_cannot_be_built_is_told_with_its_place(changes: dict[str, Any], code: str, words: str) -> None:
    """And a way out; never the secret."""
    with pytest.raises(UnusableProviderError) as unusable:
        _build(**changes)

    problem = unusable.value.problem
    assert (problem.code, problem.at) == (code, AT)
    assert words in f"{problem.message} {problem.hint}"
    assert "config.yaml:3:5: error:" in str(unusable.value)


@pytest.mark.parametrize(
    ("changes", "carrier"),
    [
        pytest.param(
            {},
            Account(sid="AC1", user="AC1", secret="12345", own="https://h.example", report_to="/hooks/line/status"),
            id="as the account, by its first secret",
        ),
        pytest.param(
            {
                "name": "our line",
                "account": Word("AC2", AT),
                "api": Word("http://127.0.0.1:8089/", AT),
                "api_key": ApiKeySpec(_secret("SID"), _secret("KEY"), AT),
            },
            Account(
                sid="AC2",
                user="AC1",
                secret="shared",
                own="https://h.example",
                report_to="/hooks/our%20line/status",
                api="http://127.0.0.1:8089",
            ),
            id="with a key, elsewhere",
        ),
        pytest.param({"account": None}, None, id="of no account"),
        pytest.param({"account": _secret("EMPTY")}, None, id="of an empty account"),
        pytest.param({"adapter": Word("generic", AT)}, None, id="generic"),
    ],
)
def test_what_sends_texts(changes: dict[str, Any], carrier: Account | None) -> None:
    """A provider with an account; a key logs in in its place, by a word or from where a secret is kept."""
    made = build_carrier(attrs.evolve(SPEC, **changes), "https://h.example/", lambda secret: VAULT[secret.name])

    assert made == carrier


def test_a_key_whose_id_is_no_secret() -> None:
    """Its id may stand in the file itself."""
    key = ApiKeySpec(Word("SK1", AT), _secret("KEY"), AT)

    made = build_carrier(attrs.evolve(SPEC, api_key=key), "https://h.example", lambda secret: VAULT[secret.name])

    assert isinstance(made, Account)
    assert (made.user, made.secret) == ("SK1", "shared")
