"""The layers, in their order: refused, safety, block, a plan switched on, rules, hours."""

from collections.abc import Callable

import pytest

from rules.inquiry import Override
from rules.plan import Copy, Decision, Deliver, Drop, Hangup, Hold, Reject, Reply, Ring, Say, Voicemail

Ask = Callable[..., Decision]

TUESDAY = "2026-11-24T10:00:00-05:00"
NIGHT = "2026-11-24T23:00:00-05:00"


@pytest.mark.parametrize(
    ("at", "ask", "rule"),
    [
        pytest.param(TUESDAY, {}, "main.calls.open", id="an ordinary morning is open"),
        pytest.param("2026-11-24T08:59:59-05:00", {}, "main.calls.closed", id="a second before opening is closed"),
        pytest.param("2026-11-24T09:00:00-05:00", {}, "main.calls.open", id="the doors open on the second"),
        pytest.param("2026-11-24T16:59:59-05:00", {}, "main.calls.open", id="the last second is open"),
        pytest.param("2026-11-24T17:00:00-05:00", {}, "main.calls.closed", id="closing time is closed"),
        pytest.param(TUESDAY, {"to": "+16175550109"}, "refused", id="a number that is not ours is refused"),
        pytest.param(TUESDAY, {"provider": "other"}, "refused", id="another provider than the number's is refused"),
        pytest.param(
            TUESDAY, {"to": "+16175550101", "provider": "other"}, "side.calls.open", id="also_from is accepted"
        ),
        pytest.param(
            TUESDAY, {"to": "+1 (617) 555-0101"}, "side.calls.open", id="the number called is read in any spelling"
        ),
        pytest.param(NIGHT, {"to": "+16175550101"}, "side.calls.open", id="a number without hours is always open"),
        pytest.param(TUESDAY, {"caller": "+13055550123"}, "block", id="a blocked number is refused"),
        pytest.param(TUESDAY, {"caller": "+12125550100"}, "block", id="a blocked pattern is refused"),
        pytest.param(
            TUESDAY, {"caller": "+12125550177"}, "main.rules.favoured", id="a VIP by name beats a blocked pattern"
        ),
        pytest.param(
            NIGHT, {"caller": "+15085550142"}, "main.rules.trades at night", id="a rule for the closed office, at night"
        ),
        pytest.param(TUESDAY, {"caller": "+15085550142"}, "main.calls.open", id="the same caller by day"),
        pytest.param(NIGHT, {"caller": "anonymous"}, "main.rules.night shift", id="a rule for a schedule, within it"),
        pytest.param(TUESDAY, {"caller": "anonymous"}, "main.calls.open", id="a rule for a schedule, outside it"),
        pytest.param(
            TUESDAY, {"via": ("+16175550199",)}, "main.rules.forwarded", id="a rule for where the call came over"
        ),
        pytest.param(TUESDAY, {"via": ("+16175550198",)}, "main.calls.open", id="diverted over another number"),
        pytest.param(TUESDAY, {"via": ("+12015550101",) * 2}, "main.calls.open", id="two diversions are fine"),
        pytest.param(TUESDAY, {"via": ("+12015550101",) * 3}, "safety:loop", id="three diversions are a loop"),
        pytest.param(
            TUESDAY, {"caller": "+16175550101"}, "main.calls.open", id="our own other number calling is ordinary"
        ),
        pytest.param(
            TUESDAY,
            {"caller": "+12125550188", "verified": True},
            "main.rules.attested",
            id="an attested number is of the group",
        ),
        pytest.param(
            TUESDAY, {"caller": "+12125550188", "verified": None}, "block", id="a number nobody attests is not"
        ),
    ],
)
def test_which_rule_decides_a_call(call: Ask, at: str, ask: dict[str, object], rule: str) -> None:
    """The first layer that has something to say decides."""
    assert call(at, **ask).rule == rule


@pytest.mark.parametrize(
    ("ask", "ringing", "rule"),
    [
        pytest.param({"caller": "+16175550141"}, True, "safety:loop", id="the phone we are ringing calls back"),
        pytest.param(
            {"caller": "+16175550141"}, False, "main.calls.open", id="a teammate calls in while nothing rings"
        ),
        pytest.param({"via": ("+16175550141",)}, True, "safety:loop", id="the phone we are ringing diverts to us"),
        pytest.param({"via": ("+12015550101",)}, True, "main.calls.open", id="a stranger's phone diverts to us"),
    ],
)
def test_a_phone_we_are_ringing_is_never_forwarded(call: Ask, ask: dict[str, object], ringing: bool, rule: str) -> None:
    """A loop ends in voicemail, never in another forward."""
    decision = call(TUESDAY, live=lambda question: ringing and question == "ringing-now", **ask)

    assert decision.rule == rule
    assert (decision.rings() == ()) == (rule == "safety:loop")
    assert decision.ends() == "voicemail"


def test_too_many_forwards_within_the_hour(call: Ask) -> None:
    """Whoever floods a number to have it forwarded reaches voicemail, and the reason is recorded."""
    decision = call(TUESDAY, live=lambda question: question == "limit:forwards")

    assert decision.rings() == ()
    assert decision.ends() == "voicemail"
    assert "too many calls have been forwarded within the hour: nobody is rung" in decision.why


@pytest.mark.parametrize(
    ("at", "body", "ask", "rule"),
    [
        pytest.param(TUESDAY, "hello", {}, "main.texts.open", id="an ordinary text"),
        pytest.param(TUESDAY, "Stop.", {}, "safety:stop", id="STOP before everything"),
        pytest.param(TUESDAY, "please stop texting me", {}, "main.texts.open", id="free wording is for people"),
        pytest.param(TUESDAY, "START", {}, "safety:start", id="START"),
        pytest.param(TUESDAY, "help", {}, "safety:help", id="HELP"),
        pytest.param(TUESDAY, "stop", {"caller": "+13055550123"}, "safety:stop", id="STOP of a blocked number counts"),
        pytest.param(
            TUESDAY, "on my way", {"caller": "+16175550141"}, "safety:relay", id="a teammate's text is a reply"
        ),
        pytest.param(
            TUESDAY, "away mon 08:00", {"caller": "+16175550141"}, "safety:command", id="a teammate's command"
        ),
        pytest.param(
            "2026-11-30T12:00:00-05:00",
            "hi",
            {"caller": "+16175550144"},
            "safety:relay",
            id="on the last day, one of us",
        ),
        pytest.param(
            "2026-12-01T12:00:00-05:00",
            "hi",
            {"caller": "+16175550144"},
            "main.texts.open",
            id="the day after, a customer",
        ),
        pytest.param(TUESDAY, "hi", {"caller": "+13055550123"}, "block", id="a blocked sender"),
        pytest.param(TUESDAY, "your BILL, please", {}, "main.rules.bills", id="a word a rule listens for"),
        pytest.param(TUESDAY, "your billing", {}, "main.texts.open", id="only the whole word counts"),
        pytest.param(
            TUESDAY, "hi", {"caller": "anonymous"}, "main.texts.open", id="a rule without texts is passed over"
        ),
        pytest.param(NIGHT, "hi", {}, "main.texts.closed", id="at night"),
        pytest.param(TUESDAY, "hi", {"to": "+16175550101"}, "refused", id="texts of this number come from elsewhere"),
        pytest.param(
            TUESDAY, "hi", {"to": "+16175550101", "provider": "other"}, "side.texts.open", id="as told by the file"
        ),
    ],
)
def test_which_rule_decides_a_text(text: Ask, at: str, body: str, ask: dict[str, object], rule: str) -> None:
    """Texts go through the same layers, safety words first."""
    assert text(at, body, **ask).rule == rule


@pytest.mark.parametrize(
    ("at", "ask", "plan"),
    [
        pytest.param(TUESDAY, {"to": "+16175550109"}, (Reject("declined"),), id="refused: declined, not silent"),
        pytest.param(TUESDAY, {"caller": "+13055550123"}, (Reject("busy"),), id="blocked: as the file says"),
        pytest.param(
            NIGHT, {"caller": "anonymous"}, (Say("Hello from Acme."), Hangup()), id="a list with an end of its own"
        ),
        pytest.param(
            NIGHT,
            {"caller": "+15085550142"},
            (Voicemail("other", Say("Order number, please."), 60),),
            id="a box of its own",
        ),
        pytest.param(
            NIGHT,
            {},
            (Voicemail("box", Say("Leave a message; we open Wed 25 Nov 09:00."), 120),),
            id="the next opening is told",
        ),
        pytest.param(
            TUESDAY,
            {"to": "+16175550101"},
            (
                Say("Please wait."),
                Ring(("bob",), "desk", "in-turn", 12),
                Voicemail("box", Say("Leave a message; we open as soon as we can."), 120),
            ),
            id="every list ends in voicemail, written or not",
        ),
    ],
)
def test_the_plan_of_a_call(call: Ask, at: str, ask: dict[str, object], plan: tuple[object, ...]) -> None:
    """The plan is the steps as written, people resolved, templates filled in, with an end."""
    decision = call(at, **ask)

    assert decision.plan == plan
    assert decision.ends() == {Reject: "reject", Hangup: "hangup", Voicemail: "voicemail"}[type(plan[-1])]


@pytest.mark.parametrize(
    ("at", "body", "ask", "plan"),
    [
        pytest.param(
            TUESDAY, "hi", {}, (Deliver(("ann", "bob"), "crew"), Copy(("cat",), "cat")), id="to a team and a copy"
        ),
        pytest.param(
            NIGHT,
            "hi",
            {},
            (Hold("crew", "open"), Reply("We open Wed 25 Nov 09:00.")),
            id="held at night, with a reply",
        ),
        pytest.param(NIGHT, "there is a LEAK!", {}, (Deliver(("bob",), "duty"),), id="an urgent word breaks through"),
        pytest.param(NIGHT, "hi", {"caller": "262966"}, (Hold("crew", "open"),), id="no reply to a short code"),
        pytest.param(NIGHT, "hi", {"caller": "BANK"}, (Hold("crew", "open"),), id="no reply to a name"),
        pytest.param(NIGHT, "hi", {"caller": "+16175550101"}, (Hold("crew", "open"),), id="no reply to our own number"),
        pytest.param(NIGHT, "hi", {"caller": "+13055550123"}, (Drop(),), id="a blocked sender's text is only recorded"),
        pytest.param(NIGHT, "bill", {}, (Hold("bob", "reachable"),), id="one person out of hours: it waits for them"),
        pytest.param(
            "2026-11-24T12:00:00-05:00",
            "hi",
            {"to": "+16175550101", "provider": "other"},
            (Deliver(("cat", "eve"), "shift", one=True),),
            id="taking turns: one of them",
        ),
    ],
)
def test_the_plan_of_a_text(text: Ask, at: str, body: str, ask: dict[str, object], plan: tuple[object, ...]) -> None:
    """A text is delivered, held or dropped, and answered only where that is wise."""
    if at == NIGHT and "LEAK" in body:
        at = "2026-11-18T23:00:00-05:00"  # the third week of the rota: bob
    assert text(at, body, **ask).plan == plan


@pytest.mark.parametrize(
    ("body", "ask", "reply"),
    [
        pytest.param(
            "stop", {}, "You will get no more texts from Acme at this number. Write START to get them again.", id="STOP"
        ),
        pytest.param("start", {}, "You will get texts from Acme again. Write STOP to end them.", id="START"),
        pytest.param(
            "help", {}, "This is Acme. Call this number to speak with us. Write STOP to get no more texts.", id="HELP"
        ),
        pytest.param("stop", {"opt_out": "stop"}, None, id="the provider has confirmed it already"),
        pytest.param("hallo", {"opt_out": "stop"}, None, id="the provider knows a word we do not"),
        pytest.param(
            "stop", {"live": lambda question: question == "opted-out"}, None, id="a second STOP gets no second answer"
        ),
        pytest.param("stop", {"caller": "262966"}, None, id="STOP of a short code"),
    ],
)
def test_one_confirmation_and_then_silence(text: Ask, body: str, ask: dict[str, object], reply: str | None) -> None:
    """STOP, START and HELP are confirmed once, unless the provider already has."""
    plan = text(TUESDAY, body, **ask).plan

    assert plan == ((Reply(reply),) if reply else ())


HELP = "This number is not monitored for emergencies. In an emergency call 911."


@pytest.mark.parametrize(
    ("at", "body", "ask", "plan"),
    [
        pytest.param(
            TUESDAY, "911", {}, (Deliver(("ann", "bob"), "crew"), Copy(("cat",), "cat"), Reply(HELP)), id="while open"
        ),
        pytest.param(NIGHT, "9-1-1!", {}, (Hold("crew", "open"), Reply(HELP)), id="in place of the reply at night"),
        pytest.param(NIGHT, "911", {"caller": "+13055550123"}, (Drop(), Reply(HELP)), id="to a blocked sender as well"),
        pytest.param(NIGHT, "911", {"caller": "262966"}, (Hold("crew", "open"),), id="not to a short code"),
        pytest.param(
            NIGHT,
            "911",
            {"live": lambda question: question == "limit:auto-reply"},
            (Hold("crew", "open"),),
            id="within the limits, for machines text numbers too",
        ),
    ],
)
def test_nobody_may_believe_that_help_is_coming(
    text: Ask, at: str, body: str, ask: dict[str, object], plan: tuple[object, ...]
) -> None:
    """Whoever texts an emergency number is told whom to call; the text goes where the rules say all the same."""
    decision = text(at, body, **ask)

    assert decision.plan == plan
    assert ("emergency", True) in decision.asked
    assert "the sender wrote an emergency number" in decision.why


@pytest.mark.parametrize(
    ("question", "why"),
    [
        pytest.param("opted-out", "no automatic reply: the sender has opted out", id="opted out"),
        pytest.param("limit:auto-reply", "no automatic reply: the sender has had one just now", id="had one"),
    ],
)
def test_no_automatic_reply(text: Ask, question: str, why: str) -> None:
    """A live fact keeps the automatic reply back, and the reason is recorded."""
    decision = text(NIGHT, "hi", live=lambda asked: asked == question)

    assert decision.plan == (Hold("crew", "open"),)
    assert why in decision.why


def override(**changes: object) -> Override:
    """Make an override of the whole of November and December."""
    told: dict[str, object] = {
        "question": "override:1",
        "span": (1793000000, 1799000000),
        "number": None,
        "plan": None,
        "opens": None,
    }
    return Override(**(told | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "overrides", "ask", "rule"),
    [
        pytest.param(TUESDAY, (override(opens=False),), {}, "main.calls.closed", id="closed by hand"),
        pytest.param(NIGHT, (override(opens=True),), {}, "main.calls.open", id="open by hand"),
        pytest.param(
            TUESDAY, (override(opens=False),), {"caller": "+12125550177"}, "main.rules.favoured", id="rules still run"
        ),
        pytest.param(
            TUESDAY,
            (override(opens=False),),
            {"caller": "+15085550142"},
            "main.rules.trades at night",
            id="closed for a rule, too",
        ),
        pytest.param(
            TUESDAY, (override(plan="storm"),), {"caller": "+12125550177"}, "plan:storm", id="a plan outranks the rules"
        ),
        pytest.param(TUESDAY, (override(plan="storm"),), {"caller": "+13055550123"}, "block", id="but not a block"),
        pytest.param(
            TUESDAY, (override(plan="storm", number="side"),), {}, "main.calls.open", id="another number's plan"
        ),
        pytest.param(TUESDAY, (override(plan="storm", number="main"),), {}, "plan:storm", id="this number's plan"),
        pytest.param(TUESDAY, (override(plan="storm", span=(0, 1)),), {}, "main.calls.open", id="a plan that is over"),
        pytest.param(
            TUESDAY,
            (override(opens=False), override(opens=True, question="override:0")),
            {},
            "main.calls.closed",
            id="the newest wins",
        ),
    ],
)
def test_what_an_admin_has_switched_on(
    call: Ask, at: str, overrides: tuple[Override, ...], ask: dict[str, object], rule: str
) -> None:
    """`open` and `closed` answer the hours question; a plan outranks the rules."""
    assert call(at, overrides=overrides, **ask).rule == rule


def test_a_plan_switched_on_for_texts(text: Ask) -> None:
    """A plan's texts are delivered and answered; the caller's own number may be told to the caller."""
    decision = text(TUESDAY, overrides=(override(plan="storm"),))

    assert decision.plan == (Deliver(("eve",), "duty"), Reply("Storm, +12015550100."))
