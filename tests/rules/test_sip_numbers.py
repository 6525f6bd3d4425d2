"""Numbers that are called over SIP: found however they are spelled; a caller who hides the number is known to the rules alone."""

import pytest

from rules.book import RuleBook
from rules.event import IncomingCall
from rules.inquiry import inquire
from rules.load import load

OFFICE = b"""
providers:
  pbx:
    adapter: sip
    listen: udp:127.0.0.1:5060
    peers: [{name: edge, source: 10.0.0.7, follows_redirects: yes}]
    contact_hosts: pbx.example
business: {name: Acme, timezone: America/New_York, country: US, region: MA}
callers: {vip: ["+1 212 555 0199"]}
block: {from: ["+1 305 555 0123"], answer: busy}
numbers:
  desk: {number: "SIP:100@Biz.Example.com:5060", provider: pbx}
  main: {number: "+1 617 555 0100", provider: pbx}
voicemail: {main: {address: "sip:vm@pbx.example"}}
"""


def book() -> RuleBook:
    """Return the office."""
    loaded = load("r.yaml", {"r.yaml": OFFICE}, lambda _: None)
    assert loaded.book is not None, loaded.problems
    return loaded.book


@pytest.mark.parametrize(
    ("called", "name"),
    [
        pytest.param("sip:100@biz.example.com", "desk", id="an extension"),
        pytest.param("sip:100@BIZ.example.com:5060;transport=tcp", "desk", id="an extension, spelled otherwise"),
        pytest.param("sip:100@other.example", None, id="an extension elsewhere"),
        pytest.param("+16175550100", "main", id="a number"),
        pytest.param("sip:+16175550100@gw.example", "main", id="a number at a gateway"),
        pytest.param("sip:6175550100@gw.example;user=phone", "main", id="a national number"),
        pytest.param("sip:6175550100@gw.example", "main", id="a national number, not said to be one"),
        pytest.param("sip:gw.example", None, id="nobody"),
        pytest.param("unavailable", None, id="nothing at all"),
    ],
)
def test_which_number_is_called(called: str, name: str | None) -> None:
    """A number of ours is found by its extension or its digits, whatever the proxy makes of them."""
    found = book().find(called)

    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("asserted", "groups", "blocked"),
    [
        pytest.param(None, (), False, id="nobody vouches"),
        pytest.param("+12125550199", ("vip",), False, id="a vip"),
        pytest.param("+13055550123", (), True, id="somebody blocked"),
    ],
)
def test_a_hidden_caller(asserted: str | None, groups: tuple[str, ...], blocked: bool) -> None:
    """Who hides the number stays anonymous; groups and the block list look at what the network vouches for."""
    call = IncomingCall(provider="pbx", account="pbx", id="1", to="+16175550100", caller="anonymous", asserted=asserted)

    caller = inquire(book(), call).caller

    assert (caller.cls, caller.e164, caller.groups, caller.blocked) == ("anonymous", None, groups, blocked)
