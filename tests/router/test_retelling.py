"""A past decision told again: with the rules as they stood then, as far as the journal still holds them."""

import json
from pathlib import Path
from types import ModuleType

import pytest

from router.archive import Archive
from router.cli import Failure
from router.retelling import retell

RULES = """\
version: 1
listen: {public: 127.0.0.1:8080}
public_url: https://phone.example.com
providers: {twilio: {adapter: generic, secret: env:SECRET}}
business: {name: Acme, timezone: America/New_York}
people: {chloe: {devices: {desk: "sip:chloe@pbx.example.com"}, email: chloe@example.com}}
numbers:
  london:
    number: "+44 20 7946 0100"
    provider: twilio
    hours: {timezone: Europe/London, country: GB, region: ENG, mon-fri: 09:00-17:00, holidays: closed}
    calls: {open: [{ring: chloe}], closed: [{voicemail: main}]}
    voicemail: main
voicemail: {main: {greeting: {say: Hello.}, notify: chloe, max: 1m}}
"""
RULESET = "sha256:" + "ab" * 32


def archive(journals: ModuleType, state: Path, *, rules: bool = True, **changes: object) -> Archive:
    """Return an archive with one decided call, and the rules it was decided by unless they are erased."""
    public = {"ruleset": RULESET, "files": ["config.yaml"], "outcome": "loaded", "problems": 0}
    told = [("rules", public, {"texts": {"config.yaml": RULES}})] if rules else []
    call = journals.call("1", **({"number": "london", "source": "config.yaml:12:20"} | changes))
    journals.keep(state, [*told, call])
    return Archive(state)


def test_the_words_of_explain_and_the_rule_as_it_stood(journals: ModuleType, tmp_path: Path) -> None:
    """Times are told in the number's zone, the number is masked, the rule is shown with its neighbours."""
    told = retell(archive(journals, tmp_path), "CA1", reveal=False, as_json=False)

    assert told.startswith("A call to london from +1202***0123 (number)\non Sun 22 Nov 2026 12:00 GMT\n")
    assert "  decided by  boston.calls.open  (config.yaml:12:20)\n" in told
    assert told.endswith(
        "  11 |     hours: {timezone: Europe/London, country: GB, region: ENG, mon-fri: 09:00-17:00, holidays: closed}\n"
        "  12 |     calls: {open: [{ring: chloe}], closed: [{voicemail: main}]}\n"
        "  13 |     voicemail: main"
    )


def test_numbers_in_full_on_request(journals: ModuleType, tmp_path: Path) -> None:
    """`--reveal` shows who called."""
    assert "+12025550123" in retell(archive(journals, tmp_path), "CA1", reveal=True, as_json=False)


def test_as_json_it_has_the_shape_of_any_decision(journals: ModuleType, tmp_path: Path) -> None:
    """Scripts read a past decision as they read a present one."""
    told = json.loads(retell(archive(journals, tmp_path), "CA1", reveal=False, as_json=True))

    assert (told["schema"], told["kind"], told["at"]) == ("decision/1", "call", "2026-11-22T12:00:00Z")
    assert told["tries"] == [["chloe"]]
    assert told["caller"] == {"class": "number", "groups": []}


@pytest.mark.parametrize(
    ("changes", "zone"),
    [
        pytest.param({"rules": False}, "UTC", id="the rules are erased"),
        pytest.param({"number": "boston"}, "EST", id="the number is not in them any more"),
        pytest.param({"source": None}, "GMT", id="no rule decided"),
    ],
)
def test_what_is_no_longer_known(journals: ModuleType, tmp_path: Path, changes: dict[str, object], zone: str) -> None:
    """The decision is told all the same."""
    told = retell(archive(journals, tmp_path, **changes), "CA1", reveal=False, as_json=False)

    assert zone in told.splitlines()[1]


def test_a_name_nobody_knows(journals: ModuleType, tmp_path: Path) -> None:
    """A sentence that says where to look."""
    with pytest.raises(Failure, match="the audit holds no decision 'CA9'"):
        retell(archive(journals, tmp_path), "CA9", reveal=False, as_json=False)
