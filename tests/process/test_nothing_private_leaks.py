"""Numbers, texts, names of callers and secrets stay out of everything that is read by others than the office."""

import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import attrs
import pytest

pytestmark = pytest.mark.slow

CUSTOMER, NATIONAL = "+14155550199", "(415) 555-0199"
WORDS = f"zanzibar, call {NATIONAL} or {CUSTOMER}"
CANARIES = {
    "the customer's number": r"4155550199|\(?415\)?[ .-]?555[ .-]?0199",
    "a teammate's mobile": r"6175550141|617[ .-]?555[ .-]?0141",
    "a text": r"zanzibar|quinquireme",
    "the customer's name": r"Ermintrude",
    "a token or secret": r"stay-secret|must-not-be-seen",
}


@attrs.frozen
class Seen:
    """Everything others get to read, by where it stands; and the *signatures* that were sent."""

    places: dict[str, str]
    signatures: frozenset[str]


@pytest.fixture(scope="module")
def seen(
    daemons: ModuleType, outside: ModuleType, twilio: Any, pbx: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seen]:
    """Return what is seen after a day with all that can happen; the log is written in full detail."""
    with daemons.workplace(tmp_path_factory.mktemp("private")) as office:
        daemon = office.start("--log-level", "debug")
        events = good_events(outside, twilio, pbx)
        with outside.Wire(daemon.place()) as wire:
            events.append(twilio.after(events[0], wire.post(events[0]).body))
            answered = [wire.post(event).code for event in [*events, *events]]
            refused = [wire.post(event) for event in bad_events(outside, pbx, events)]
        office.edit("ring: ben}]", f'ring: "{NATIONAL}"}}]')
        assert office.command("reload", "--wait").exit_code == 1
        places = {path: daemon.ask(path)[1] for path in ("/metrics", "/-/status", "/-/ready", "/-/nothing")}
        places["status"] = office.command("status").stdout
        office.edit(f'ring: "{NATIONAL}"}}]', "ring: ben}]")
        assert office.command("reload", "--wait").exit_code == 0
        daemon.stop()
        places["the log"] = daemon.log.read_text()
        places["refusals"] = "\n".join(answer.body.decode() for answer in refused)
        for words in READ:
            places[" ".join(words)] = office.command(*words).stdout
        assert set(answered) <= {200, 204}
        assert {403, 404} <= {answer.code for answer in refused}
        assert all(place in places["the log"] for place in ("call.decided", "webhook.rejected", "rules.refused"))
        sent = [value for event in events for name, value in event.headers if "ignature" in name]
        yield Seen(places, frozenset(value.removeprefix("v1,") for value in sent))


READ = (
    ("audit", "list"),
    ("audit", "list", "--json"),
    ("audit", "show", "CA" + "1" * 32),
    ("audit", "show", "CA" + "1" * 32, "--json"),
    ("audit", "export"),
    ("audit", "export", "--format", "csv"),
    ("outbox", "list"),
    ("outbox", "list", "--json"),
)


def good_events(outside: ModuleType, twilio: Any, pbx: Any) -> list[Any]:
    """Make what a provider says on an ordinary day, with everything about the caller that can be in it."""
    about = {
        "CallSid": "CA" + "1" * 32,
        "From": CUSTOMER,
        "To": "+16175550100",
        "CallerName": "Ermintrude",
        "ForwardedFrom": CUSTOMER,
        "SipHeader_Diversion": f"<sip:{CUSTOMER}@example.com>;reason=no-answer",
    }
    call = twilio.event("call", about["CallSid"], f"{outside.PUBLIC}/hooks/twilio/call", about)
    return [
        call,
        twilio.text("1" * 32, WORDS, CUSTOMER),
        pbx.call("2" * 32, CUSTOMER),
        pbx.text("3" * 32, WORDS, CUSTOMER),
        twilio.ended(call),
        pbx.call(f"pbx-{CUSTOMER}", CUSTOMER),
        twilio.text("4" * 32, "STOP", CUSTOMER),
    ]


def bad_events(outside: ModuleType, pbx: Any, events: list[Any]) -> Iterator[Any]:
    """Make wrong signatures, bodies that were changed, wrong paths, wrong fields, and a number nobody has."""
    for event in events:
        wrong = tuple((name, value[:-6] + "AAAAA=" if "ignature" in name else value) for name, value in event.headers)
        yield event._replace(headers=wrong)
        yield event._replace(body=event.body + b"&quinquireme=1")
        yield event._replace(path=f"{event.path}/{CUSTOMER}?{CUSTOMER}")
    place = f"{outside.PUBLIC}/hooks/pbx"
    yield pbx.event("call", "x", f"{place}/call", {"id": "x", "from": [CUSTOMER], "to": WORDS})
    yield pbx.event("text", "y", f"{place}/text", {"id": "y", "from": CUSTOMER, "to": CUSTOMER, "text": WORDS})


@pytest.mark.parametrize("canary", list(CANARIES))
def test_what_is_private_is_shown_nowhere(canary: str, seen: Seen) -> None:
    """Not in the log at its most talkative, not in metrics, status, readiness, refusals, nor in the audit unless revealed."""
    leaks = {
        where: re.findall(f".{{0,80}}(?:{CANARIES[canary]}).{{0,20}}", text) for where, text in seen.places.items()
    }

    told = [f"{where}: {one}" for where, found in leaks.items() for one in found]
    assert told == [], "\n".join(told)


def test_signatures_are_shown_nowhere(seen: Seen) -> None:
    """A signature would let whoever reads a log post the request again."""
    assert len(seen.signatures) >= 6
    assert [(where, one) for where, text in seen.places.items() for one in seen.signatures if one in text] == []
