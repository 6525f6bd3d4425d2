"""Playing the provider: what callers live through, signed and followed as Twilio or a PBX would."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

import attrs
import pytest
from twilio.request_validator import RequestValidator

from router.simulate.scenario import RingEnd, Scenario, SimulationError, read_legs
from router.simulate.story import Beat, Phone, Story, in_words, whose
from router.simulate.twilio_session import Signer
from rules.event import CallEnded, IncomingCall, Progress

ROOT = Path(__file__).parents[2]
OPEN = datetime(2026, 11, 24, 15, tzinfo=UTC)  # Tuesday, 10:00 in Boston
NIGHT = datetime(2026, 11, 29, 4, 10, tzinfo=UTC)  # Saturday, 23:10 in Boston
VACATION = datetime(2026, 12, 22, 15, tzinfo=UTC)
CUSTOMER, VIP, BLOCKED, BEN = "+12125550100", "+12125550177", "+13055550123", "+16175550142"
GREETING = "the caller hears: “You have reached Maple and Pine. Please leave a message.”"
ASKED = "“This is a call for Maple & Pine Interiors. To take it, press 1.”"


@pytest.fixture
def office(simulations: ModuleType) -> Any:
    """The example office at Twilio."""
    return simulations.Daemon(ROOT / "config.example.yaml")


@pytest.fixture
def pbx(simulations: ModuleType, tmp_path: Path) -> Any:
    """The example office behind a PBX."""
    text = (ROOT / "config.example.yaml").read_text()
    text = text.replace("adapter: twilio", "adapter: generic").replace("account: env:TWILIO_ACCOUNT_SID", "")
    (tmp_path / "config.yaml").write_text(text)
    return simulations.Daemon(tmp_path / "config.yaml")


def scenario(daemon: Any, **what: Any) -> Scenario:
    """Make a call or text to Boston."""
    return Scenario(**{"number": daemon.book.numbers["boston"], "caller": CUSTOMER, **what})


def told(story: Story) -> list[str]:
    """Return the beats of *story* as lines."""
    return [f"{beat.label}: {beat.words}" for beat in story.beats]


EVERYONE = "anna (desk, mobile), ben (mobile), chloe (desk, mobile), dana (app) and eli (mobile)"

STORIES = [
    pytest.param(
        {"at": OPEN, "legs": read_legs("no-answer,answered")},
        [
            "rings: dana (app) for 15 s: nobody answers",
            "rings: ben (mobile) for 15 s: ben picks up",
            f"ben hears: {ASKED}",
            "ben: presses 1",
            "connected: the caller talks with ben for 60 s",
        ],
        id="nobody, then ben presses 1",
    ),
    pytest.param(
        {"at": OPEN, "legs": read_legs("busy,rejected,answered:eli")},
        [
            "rings: dana (app) for 15 s: busy",
            "rings: ben (mobile) for 15 s: ben picks up, but does not press 1",
            f"ben hears: {ASKED}",
            f"rings: {EVERYONE} for 25 s: eli picks up",
            f"eli hears: {ASKED}",
            "eli: presses 1",
            "connected: the caller talks with eli for 60 s",
        ],
        id="busy, not accepted, then one of all",
    ),
    pytest.param(
        {"at": OPEN, "legs": read_legs("rejected,machine,failed")},
        [
            "rings: dana (app) for 15 s: busy",
            "rings: ben (mobile) for 15 s: ben's mailbox answers",
            f"ben hears: {ASKED}",
            f"rings: {EVERYONE} for 25 s: cannot be reached",
            GREETING,
            "voicemail: a message of 14 s is left",
        ],
        id="a desk phone refuses, a mailbox cannot press 1, nobody can be reached",
    ),
    pytest.param(
        {"at": OPEN, "legs": read_legs("machine")},
        [
            "rings: dana (app) for 15 s: dana's mailbox answers",
            "connected: the caller talks with dana's mailbox for 60 s",
        ],
        id="nobody is asked on a desk phone, so its mailbox gets the call",
    ),
    pytest.param(
        {"at": OPEN, "legs": read_legs("no-answer,hung-up")},
        ["rings: dana (app) for 15 s: nobody answers", "rings: ben (mobile) for 15 s: the caller gives up"],
        id="the caller gives up",
    ),
    pytest.param(
        {"at": OPEN, "caller": "anonymous", "message": 0},
        [
            "the caller hears: “Please leave your name.”",
            GREETING,
            "voicemail: the caller hangs up without a message",
        ],
        id="a withheld number leaves no message",
    ),
    pytest.param(
        {"at": NIGHT, "message": 600},
        [GREETING, "voicemail: a message of 120 s is left"],
        id="a message is as long as the box allows",
    ),
    pytest.param({"at": OPEN, "caller": BLOCKED}, ["refused: the caller hears the busy tone"], id="a blocked number"),
    pytest.param(
        {"at": NIGHT, "text": "Can you quote for a sofa?"},
        [
            "the sender gets: “Thanks for your message. Maple & Pine is closed; we answer Mon 30 Nov 09:00."
            " Write URGENT if it cannot wait.”"
        ],
        id="a text at night",
    ),
    pytest.param({"at": OPEN, "text": "Hi!"}, ["the sender gets: no automatic reply"], id="a text in office hours"),
]


@pytest.mark.parametrize(("what", "expected"), STORIES)
def test_stories_at_twilio(office: Any, what: dict[str, Any], expected: list[str]) -> None:
    """A call is followed from answer to answer; every post carries a signature that the daemon's adapter accepts."""
    assert told(office.stage().play(scenario(office, **what))) == expected


PBX_WORDS = {  # a PBX asks for the key by itself, and its phones tell how they refuse
    f"ben hears: {ASKED}": None,
    f"eli hears: {ASKED}": None,
    "ben: presses 1": None,
    "eli: presses 1": None,
    "connected: the caller talks with dana's mailbox for 60 s": None,
    "voicemail: a message of 14 s is left": "voicemail: a message of 14 s is left",
}


@pytest.mark.parametrize(
    ("what", "expected"),
    [story for story in STORIES if story.id not in {STORIES[1].id, STORIES[2].id, STORIES[3].id}],
)
def test_stories_behind_a_pbx(pbx: Any, what: dict[str, Any], expected: list[str]) -> None:
    """The generic adapter leads to the same stories."""
    lines = [PBX_WORDS.get(line, line) for line in expected]

    assert told(pbx.stage().play(scenario(pbx, **what))) == [line for line in lines if line is not None]


def test_a_pbx_reports_refusals_and_mailboxes_itself(pbx: Any) -> None:
    """What Twilio's documents would find out, a PBX says in its result; then the plan goes on."""
    story = pbx.stage().play(scenario(pbx, at=OPEN, legs=read_legs("rejected,machine,answered:eli")))

    assert told(story) == [
        "rings: dana (app) for 15 s: dana picks up, but does not press 1",
        "rings: ben (mobile) for 15 s: ben's mailbox answers",
        f"rings: {EVERYONE} for 25 s: eli picks up",
        "connected: the caller talks with eli for 60 s",
    ]
    assert [one.answered_by for one in pbx.happenings if isinstance(one, Progress)] == [None, None, "+16175550145"]


@pytest.mark.parametrize(
    ("at", "caller", "answered_by"),
    [
        pytest.param(VACATION, VIP, "chloe", id="while Anna is away Chloe has the VIPs"),
        pytest.param(OPEN, VIP, "anna", id="otherwise Anna"),
    ],
)
def test_vacation_cover(office: Any, at: datetime, caller: str, answered_by: str) -> None:
    """The vacation story rings the cover."""
    story = office.stage().play(scenario(office, at=at, caller=caller, legs=(RingEnd("answered"),)))

    assert story.beats[-1].data["answered_by"] == answered_by


def test_what_twilio_posts(office: Any) -> None:
    """Each webhook of a call is posted, in the order Twilio has, and the real SDK agrees with every signature."""
    stage = office.stage()
    stage.play(scenario(office, at=OPEN, legs=read_legs("no-answer,answered"), verified=True))

    assert [what for what, _ in office.requests] == [
        *("call", "leg", "leg", "leg", "next"),
        *("leg", "leg", "leg", "screen", "accept", "leg", "next", "status"),
    ]
    first = office.happenings[0]
    assert isinstance(first, IncomingCall)
    assert first.verified is True
    assert isinstance(office.happenings[-1], CallEnded)


def test_the_real_sdk_agrees_with_our_signatures() -> None:
    """What the simulator signs, Twilio's own library verifies."""
    fields = {"Body": "Grüße ✓  \n zwei", "CallerName": "", "From": CUSTOMER}
    url = "https://phone.maplepine.example/hooks/twilio/text"

    signature = Signer("12345").headers(url, fields)["X-Twilio-Signature"]

    assert RequestValidator("12345").validate(url, fields, signature)


@pytest.mark.parametrize(
    ("provider", "settings"),
    [
        pytest.param("algorithms: [sha1, sha256]", None, id="both allowed: as Twilio does by default"),
        pytest.param("algorithms: [sha256]", "algorithm=HMAC_SHA256", id="only the newer scheme"),
        pytest.param(
            "algorithms: [sha256]\n    signing_keys: {WK1: env:KEY}",
            "key=WK1,algorithm=HMAC_SHA256",
            id="the newer scheme with a named key",
        ),
    ],
)
def test_schemes(simulations: ModuleType, tmp_path: Path, provider: str, settings: str | None) -> None:
    """The scheme that the configuration accepts is used, so the daemon accepts it."""
    text = (ROOT / "config.example.yaml").read_text().replace("adapter: twilio", f"adapter: twilio\n    {provider}")
    (tmp_path / "config.yaml").write_text(text)
    daemon = simulations.Daemon(tmp_path / "config.yaml")

    story = daemon.stage().play(scenario(daemon, at=NIGHT, text="hi"))

    assert len(story.beats) == 1
    signed = Signer("s", "sha256", "WK1" if settings and "key" in settings else None).headers("https://h/x", {})
    assert signed["X-Twilio-Webhooks-Signature-Settings"] == (settings or "algorithm=HMAC_SHA256")


@pytest.mark.parametrize(
    ("account", "key"),
    [
        pytest.param("account: env:TWILIO_ACCOUNT_SID", "twilio|AC7777|call|CA", id="kept in the environment"),
        pytest.param("account: AC123", "twilio|AC123|call|CA", id="written"),
        pytest.param("", "twilio|AC0000|call|CA", id="not said"),
    ],
)
def test_accounts(simulations: ModuleType, tmp_path: Path, account: str, key: str) -> None:
    """The account of the configuration calls; the decision is looked up by the event's key."""
    text = (ROOT / "config.example.yaml").read_text().replace("account: env:TWILIO_ACCOUNT_SID", account)
    (tmp_path / "config.yaml").write_text(text)
    daemon = simulations.Daemon(tmp_path / "config.yaml")

    story = daemon.stage().play(scenario(daemon, at=NIGHT))

    assert story.decision is not None
    short = story.decision["rule"].replace("7" * 32, "7777").replace("0" * 32, "0000")
    assert short.startswith(key)


def test_the_clock_moves_on_with_the_story(office: Any) -> None:
    """Each post is made at the moment Twilio would make it, so reports stand in order in the record."""
    office.stage().play(scenario(office, at=OPEN, legs=read_legs("no-answer,answered")))

    ended = dict(parse_qsl(office.requests[-1][1].decode()))
    rung, picked_up, asked, talked = 15, 6, 6, 60
    assert int(ended["CallDuration"]) == rung + picked_up + asked + talked


DOCUMENTS = [
    pytest.param("<Response><Pause length='3'/><Hangup/></Response>", ["the end: the call is ended"], id="just ended"),
    pytest.param("<Response/>", ["the end: the call is ended"], id="an empty document"),
    pytest.param("", ["the end: the call is ended"], id="no document"),
    pytest.param(
        "<Response><Play>https://h/x.mp3</Play></Response>",
        ["the caller hears: the recording https://h/x.mp3", "the end: the call is ended"],
        id="a recording, then nothing",
    ),
    pytest.param(
        "<Response><Reject/></Response>",
        ["refused: the caller hears the tone of a number that cannot be reached"],
        id="declined",
    ),
]


@pytest.mark.parametrize(("document", "expected"), DOCUMENTS)
def test_other_documents(office: Any, document: str, expected: list[str]) -> None:
    """Every verb the daemon may use is played."""
    office.raws = [document.encode()]

    assert told(office.stage().play(scenario(office, at=OPEN))) == expected


def test_a_redirect_is_followed(office: Any) -> None:
    """A document may send the call on."""
    url = f"{office.settings.public_url}/hooks/twilio/call"
    office.raws = [f"<Response><Redirect>{url}</Redirect></Response>".encode()]

    assert told(office.stage().play(scenario(office, at=NIGHT)))[0] == GREETING


SCREENS = [
    pytest.param("<Response><Hangup/></Response>", False, id="dropped at once"),
    pytest.param("<Response/>", True, id="connected at once"),
]


@pytest.mark.parametrize(("screen", "connected"), SCREENS)
def test_a_callee_who_is_not_asked(office: Any, screen: str, connected: bool) -> None:
    """A screening document without a question connects or drops the callee."""
    base = f"{office.settings.public_url}/hooks/twilio"
    dial = f"<Response><Dial action='{base}/call'><Number url='{base}/call'>{BEN}</Number></Dial></Response>"
    office.raws = [dial.encode(), screen.encode(), b"<Response><Hangup/></Response>"]

    story = office.stage().play(scenario(office, at=OPEN, legs=read_legs("answered")))

    assert ("connected: the caller talks with ben for 60 s" in told(story)) is connected


@pytest.mark.parametrize(
    ("attributes", "message", "posts"),
    [
        pytest.param("", 14, ["call", "call", "status"], id="nothing more is asked for"),
        pytest.param(
            "recordingStatusCallback='{url}' transcribeCallback='{url}'",
            14,
            ["call", "call", "call", "call", "status"],
            id="the recording and the transcript",
        ),
        pytest.param(
            "recordingStatusCallback='{url}' transcribeCallback='{url}'",
            0,
            ["call", "call", "status"],
            id="no message: only that there is none",
        ),
    ],
)
def test_reports_about_a_message(office: Any, attributes: str, message: int, posts: list[str]) -> None:
    """What a `<Record>` asks to be told is told."""
    url = f"{office.settings.public_url}/hooks/twilio/call"
    document = f"<Response><Record action='{url}' {attributes.format(url=url)}/></Response>"
    office.raws = [document.encode()]

    office.stage().play(scenario(office, at=NIGHT, message=message))

    assert [what for what, _ in office.requests] == posts


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(b"<Response>", "is no XML", id="half a document"),
        pytest.param(b"<html/>", "is no TwiML: it begins with <html>", id="a web page"),
        pytest.param(b"<Response><Dail/></Response>", "none of a call: <Dail>", id="a verb misspelt"),
        pytest.param(b"<Response><Dial action='x'/></Response>", "without anybody to ring", id="nobody to ring"),
        pytest.param(b"<Response><Dial><Number>1</Number></Dial></Response>", "without an action", id="no action"),
        pytest.param(b"<Response><Redirect>https://evil.example/</Redirect></Response>", "not below", id="elsewhere"),
    ],
)
def test_answers_twilio_could_not_use(office: Any, answer: bytes, said: str) -> None:
    """An answer that Twilio would not understand is a finding, in words."""
    office.raws = [answer]

    with pytest.raises(SimulationError, match=said):
        office.stage().play(scenario(office, at=OPEN))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(b"{", "is no JSON", id="half an object"),
        pytest.param(b"[]", "not of the schema", id="a list"),
        pytest.param(b'{"schema": "answer/2"}', "not of the schema", id="another schema"),
        pytest.param(b'{"schema": "answer/1", "actions": [{"dance": 1}]}', "none of answer/1", id="an unknown action"),
    ],
)
def test_answers_a_pbx_could_not_use(pbx: Any, answer: bytes, said: str) -> None:
    """An answer outside the documented schema is a finding, in words."""
    pbx.raws = [answer]

    with pytest.raises(SimulationError, match=said):
        pbx.stage().play(scenario(pbx, at=OPEN))


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        pytest.param([], ["the end: the call is ended"], id="nothing"),
        pytest.param(
            [{"say": "Hello."}, {"play": "https://h/x.mp3"}, {"hangup": True}],
            [
                "the caller hears: “Hello.”",
                "the caller hears: the recording https://h/x.mp3",
                "the end: the call is ended",
            ],
            id="announcements",
        ),
        pytest.param(
            [{"voicemail": {"box": "main", "greeting": {"play": "https://h/g.mp3"}, "max_seconds": 9, "next": "x"}}],
            ["the caller hears: the recording https://h/g.mp3", "voicemail: the caller hangs up without a message"],
            id="a recorded greeting",
        ),
        pytest.param(
            [{"voicemail": {"box": "main", "greeting": None, "max_seconds": 9, "next": "x"}}],
            ["voicemail: the caller hangs up without a message"],
            id="no greeting",
        ),
    ],
)
def test_other_actions(pbx: Any, actions: list[dict[str, Any]], expected: list[str]) -> None:
    """Every action of answer/1 is played."""
    pbx.raws = [json.dumps({"schema": "answer/1", "actions": actions}).encode()]

    assert told(pbx.stage().play(scenario(pbx, at=OPEN, message=0))) == expected


def test_circles_are_noticed(office: Any, pbx: Any) -> None:
    """A daemon that sends a call round and round does not keep the simulator for ever."""
    url = f"{office.settings.public_url}/hooks/twilio/call"
    office.raws = [f"<Response><Redirect>{url}</Redirect></Response>".encode()] * 100
    ring = {
        "ring": [{"to": BEN, "confirm": True}],
        "seconds": 5,
        "next": f"{pbx.settings.public_url}/hooks/twilio/call",
    }
    pbx.raws = [json.dumps({"schema": "answer/1", "actions": [ring]}).encode()] * 100

    with pytest.raises(SimulationError, match="circles"):
        office.stage().play(scenario(office, at=OPEN))
    with pytest.raises(SimulationError, match="circles"):
        pbx.stage().play(scenario(pbx, at=OPEN))


def test_another_adapter_cannot_be_played(office: Any) -> None:
    """A provider the simulator does not know is named."""
    spec, twilio = office.spec, office.spec.providers["twilio"]
    strange = attrs.evolve(twilio, adapter=twilio.adapter._replace(text="telex"))
    stage = attrs.evolve(office.stage(), spec=attrs.evolve(spec, providers={"twilio": strange}))

    with pytest.raises(SimulationError, match="its adapter is telex"):
        stage.play(scenario(office, at=OPEN))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", (), id="none"),
        pytest.param("busy", (RingEnd("busy"),), id="one"),
        pytest.param(" no_answer , answered:ben,", (RingEnd("no-answer"), RingEnd("answered", "ben")), id="several"),
    ],
)
def test_ring_ends(text: str, expected: tuple[RingEnd, ...]) -> None:
    """Ends of rings are read as people write them."""
    assert read_legs(text) == expected


def test_an_unknown_ring_end_is_explained() -> None:
    """A word that is none says which there are."""
    with pytest.raises(ValueError, match="'bussy' is no way a ring ends; write answered, no-answer, busy"):
        read_legs("bussy")


MOMENT = datetime(2026, 11, 28, 23, 10, tzinfo=UTC)
DECISION = {
    "rule": "boston.texts.closed",
    "source": "config.yaml:1:2",
    "holds": "front",
    "delivers": ["anna", "ben"],
    "voicemail": "main",
    "why": ["boston is closed", "anna is away"],
}


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        pytest.param(
            DECISION,
            [
                "Sat 28 Nov 2026 23:10 UTC   +1 212 calls boston",
                "  voicemail main     a message",
                "  waits for          front",
                "  goes to            anna, ben",
                "  decided by         boston.texts.closed (config.yaml:1:2)",
                "  because            boston is closed",
                "                     anna is away",
            ],
            id="with all the record says",
        ),
        pytest.param(
            {"rule": "refused", "source": None},
            [
                "Sat 28 Nov 2026 23:10 UTC   +1 212 calls boston",
                "  voicemail          a message",
                "  decided by         refused",
            ],
            id="with little",
        ),
        pytest.param(
            None,
            ["Sat 28 Nov 2026 23:10 UTC   +1 212 calls boston", "  voicemail          a message"],
            id="without a record",
        ),
    ],
)
def test_how_a_story_reads(decision: dict[str, Any] | None, expected: list[str]) -> None:
    """One line for each beat, labels in a column; what the record adds comes last."""
    story = Story("call", "boston", "+1 212", MOMENT, (Beat("voicemail", "a message", {"voicemail": None}),), decision)

    assert story.show().splitlines() == expected
    assert "\x1b[1m" in story.show(style=True)


def test_a_story_for_scripts() -> None:
    """The same as JSON."""
    story = Story("text", "boston", "", MOMENT, (Beat("the sender gets", "“Hi”", {"reply": "Hi"}),), None)

    assert story.as_json() == {
        "schema": "simulation/1",
        "kind": "text",
        "to": "boston",
        "from": "",
        "at": "2026-11-28T23:10:00+00:00",
        "steps": [{"reply": "Hi"}],
        "decision": None,
    }
    assert story.headline() == "Sat 28 Nov 2026 23:10 UTC   somebody without a number writes to boston"


def test_phones_are_told_by_their_owners(office: Any) -> None:
    """No private number is ever shown."""
    directory = office.book.directory

    assert whose(directory, BEN) == Phone("ben", "mobile")
    assert whose(directory, "+15550000000").person == "somebody"
    assert in_words((Phone("ann", "desk"),)) == "ann (desk)"
    assert (
        in_words((Phone("ann", "desk"), Phone("bob", "app"), Phone("ann", "cell"))) == "ann (desk, cell) and bob (app)"
    )
