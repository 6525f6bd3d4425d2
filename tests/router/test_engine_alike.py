"""What is kept for events decided alike gives, byte for byte, what would be made anew for each of them."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.api import Answer, LinkTo, Provider, RawResponse
from adapters.generic import Generic
from adapters.twilio import Twilio
from router import ulid
from router.engine.alike import OF_CALL, OF_EVENT, REMEMBERED, Alike, write_call
from router.engine.document import document_of
from router.engine.render import actions_of
from router.engine.told import public_of
from router.journal.canonical import canonical
from rules.callers import Caller
from rules.callstate import to_json
from rules.inquiry import inquire
from rules.legs import freeze
from rules.plan import Decision, Hangup, Play, Reject, Ring, Say, Step, Voicemail
from rules.progress import current

URL = "https://phone.example/base"
TUESDAY_10 = 1_795_532_400
STRANGER, NOBODY, BEN = "+12025550199", "anonymous", "+16175550142"

spoken = st.text(max_size=30) | st.sampled_from(
    ['Ring & <wait> "please"', "ä" * 5000, "&" * 5000, "\u202e\x00", "%s{call}"]
)
people = st.lists(st.sampled_from(["anna", "ben", "chloe"]), min_size=1, max_size=3, unique=True).map(tuple)
greetings = st.builds(Say, spoken, st.none() | st.just("de-DE")) | st.builds(Play, st.just("https://a.example/b.mp3"))
steps: st.SearchStrategy[Step] = st.one_of(
    st.builds(
        Ring, people, st.none() | st.just("front"), st.sampled_from(["in-turn", "all-at-once"]), st.integers(5, 60)
    ),
    greetings,
    st.builds(Voicemail, st.just("main"), st.none() | greetings, st.integers(1, 600), st.booleans()),
    st.builds(Reject, st.sampled_from(["busy", "declined", "unavailable"])),
    st.just(Hangup()),
)
decisions = st.builds(
    Decision,
    kind=st.just("call"),
    number=st.sampled_from(["main", "sales", None]),
    caller_class=st.sampled_from(["number", "anonymous"]),
    groups=st.lists(st.sampled_from(["vip", "family", "main.rules.1"]), max_size=2).map(tuple),
    at=st.just(TUESDAY_10),
    rule=spoken,
    layer=st.just("rules"),
    source=st.none(),
    asked=st.lists(st.tuples(spoken, st.booleans()), max_size=3).map(tuple),
    plan=st.lists(steps, max_size=4).map(tuple),
    why=st.lists(spoken, max_size=2).map(tuple),
    next_open=st.none() | st.integers(1, 2**31),
    valid_until=st.none() | st.integers(1, 2**31),
    ruleset=st.just("f00d"),
)


@pytest.fixture(scope="module")
def office(engines: Any) -> Any:
    """Return an engine in its office, for its rules, links and counters."""
    return engines.Office()


@pytest.fixture(scope="module")
def providers(engines: Any) -> dict[str, Provider]:
    """Return one provider of each kind."""
    return {
        "twilio": Twilio("twilio", URL, "AC" + "0" * 32, ["token"], {}, frozenset({"sha1"})),
        "generic": Generic("generic", URL, None, [engines.ENVIRONMENT["PBX_SECRET"]]),
        "plain": engines.PlainProvider("plain"),
    }


def caller(office: Any, raw: str) -> Caller:
    """Return who calls."""
    known: Caller = office.rules.book.callers.classify(raw, verified=None)
    return known


@settings(max_examples=300)
@given(
    name=st.sampled_from(["twilio", "generic", "plain"]),
    decision=decisions,
    raw=st.sampled_from([STRANGER, NOBODY, BEN]),
    at=st.floats(0, 2**31),
)
def test_the_kept_answer_is_the_one_the_provider_writes(  # noqa: PLR0913, RUF100
    office: Any, providers: dict[str, Provider], name: str, decision: Decision, raw: str, at: float
) -> None:
    """For any plan, any caller and any call; long texts are shortened alike."""
    provider, alike, book, links = providers[name], Alike(office.shared), office.rules.book, office.shared.links
    passes = provider.capabilities.passes_caller_id
    state = freeze(decision, book, caller(office, raw), caller_id_passes=passes)
    perform, call = current(state), ulid.new(at)
    link = links.of_step(name, call, perform.step)
    written = write_call(provider, actions_of(perform.stages, links.public_url), call, link)

    for _ in range(2):
        begun = alike.begun(provider, book, caller(office, raw), decision)

        assert begun.state == state
        assert begun.answer(provider, call, links) == written
        assert (begun.document is None) == (raw == BEN)


@given(decision=decisions, one=spoken, other=st.none() | spoken)
def test_the_kept_record_is_the_one_that_would_be_written(
    office: Any, providers: dict[str, Provider], decision: Decision, one: str, other: str | None
) -> None:
    """Both parts, whatever stands in their gaps."""
    begun = Alike(office.shared).begun(providers["twilio"], office.rules.book, caller(office, STRANGER), decision)
    event: dict[str, Any] = dict.fromkeys(OF_EVENT, one)
    call: dict[str, Any] = dict.fromkeys(OF_CALL, other)
    state = {} if begun.state.over else {"state": to_json(begun.state)}

    assert begun.forms.public.filled(event)[1] == canonical({**public_of(decision), **event})
    assert begun.forms.private.filled(call)[1] == canonical({**state, **call})


@given(first=decisions, second=decisions)
def test_decisions_that_differ_are_kept_apart(office: Any, first: Decision, second: Decision) -> None:
    """Even those that share a plan and everything they asked, as two refused for different reasons do."""
    second = second._replace(plan=first.plan, asked=first.asked)
    alike = Alike(office.shared)

    told = [alike.told(first), alike.told(second)]

    assert [one.public.printed for one in told] == [public_of(first), public_of(second)]


def test_only_so_many_are_kept(office: Any, engines: Any) -> None:
    """A company with more numbers than that has its memory begun anew, again and again."""
    alike, decision = Alike(office.shared), decided(office, engines)

    for number in range(REMEMBERED + 1):
        alike.told(decision._replace(rule=f"rule {number}"))

    assert len(alike._told) == 1


def test_newer_rules_make_everything_anew(office: Any, engines: Any, providers: dict[str, Provider]) -> None:
    """Until then it is the same object."""
    alike, decision, stranger = Alike(office.shared), decided(office, engines), caller(office, STRANGER)
    before = alike.begun(providers["plain"], office.rules.book, stranger, decision)
    again = alike.begun(providers["plain"], office.rules.book, stranger, decision)

    alike.forget()

    assert again is before
    assert alike.begun(providers["plain"], office.rules.book, stranger, decision) is not before


@pytest.mark.parametrize(
    "twist",
    [
        pytest.param(lambda body: body.hex().encode(), id="written in another alphabet"),
        pytest.param(lambda body: body + body[-40:-10:2], id="written in parts"),
        pytest.param(lambda body: body + b"%d" % sum(body), id="summed up"),
    ],
)
def test_a_provider_that_does_more_with_a_link_is_always_asked(
    office: Any, providers: dict[str, Provider], twist: Callable[[bytes], bytes]
) -> None:
    """What cannot be cut into pieces is written for each call."""
    links = office.shared.links

    def write(call: str, link: LinkTo) -> RawResponse:
        plain = providers["plain"].write(Answer(to="call", call=call, link=link))
        return plain._replace(body=twist(plain.body))

    assert document_of(write, lambda call: links.of_step("plain", call, 0)) is None


def decided(office: Any, engines: Any) -> Decision:
    """Return a decision as the office makes it."""
    made: Decision = office.rules.timetable.decide(inquire(office.rules.book, engines.call()), TUESDAY_10)
    return made
