"""The file of a day, and how it is told; whole days with real processes are in tests/process."""

import socket
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

from router.commands.day import new_number, shown
from router.simulate.day.play import DayPlay, Line
from router.simulate.day.provider import Ports, Provider, provider
from router.simulate.day.script import Script, read_script
from router.simulate.scenario import SimulationError
from rules.source import Problem

ROOT = Path(__file__).parents[2]
EARLIEST = datetime(2026, 11, 24, 15, tzinfo=UTC)
HEAD = 'number: boston\ncallers: {jane: "+12025550143", joe: new}\nday:\n'


@pytest.fixture
def daemon(simulations: ModuleType) -> Any:
    """A daemon in memory."""
    return simulations.Daemon(ROOT / "config.example.yaml")


def script_of(daemon: Any, text: str) -> tuple[Script | None, list[str]]:
    """Read a day, and what is wrong with it."""
    problems: list[Problem] = []
    script = read_script("day.yaml", text.encode(), daemon.stage().book, EARLIEST, problems.append)
    return script, [problem.message for problem in problems]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("number: boston\n", "needs `day`", id="no moments"),
        pytest.param("number: bostn\nday: []\n", "no number called 'bostn'", id="a number nobody has"),
        pytest.param("number: boston\nday: later\n", "a list of moments", id="no list"),
        pytest.param("number: boston\ncallers: [jane]\nday: []\n", "names with numbers", id="callers without names"),
        pytest.param(HEAD + "  - {at: someday}\n", "is no moment we can read", id="no moment"),
        pytest.param(
            HEAD + "  - {at: 2026-12-02 10:00}\n  - {at: 2026-12-01 10:00}\n", "before the moment above", id="backwards"
        ),
        pytest.param(HEAD + "  - {at: now, text: hi}\n", "nobody is named", id="nobody writes"),
        pytest.param(HEAD + "  - {at: now, from: jan, text: hi}\n", "called 'jan'", id="somebody unknown"),
        pytest.param(HEAD + "  - {at: now, from: jane, text: hi, call: busy}\n", "only one thing", id="two things"),
        pytest.param(HEAD + "  - {at: now, from: jane, call: sometimes}\n", "no way a ring ends", id="no ending"),
        pytest.param(HEAD + "  - {at: now, fault: cutt}\n", "`fault` wants", id="no fault"),
        pytest.param(HEAD + "  - {at: now, what: hi}\n", "what", id="no such key"),
        pytest.param("number: [", "", id="no YAML"),
    ],
)
def test_what_is_wrong_with_a_day(daemon: Any, text: str, said: str) -> None:
    """Is told with its place."""
    _, problems = script_of(daemon, text)

    assert len(problems) >= 1
    assert said in problems[0]


@attrs.define(eq=False)
class Office:
    """A daemon that switches whatever it is asked to, and a provider that gets what it is given."""

    moments: list[float] = attrs.field(factory=list)
    asked: list[Any] = attrs.field(factory=list)
    busy: list[tuple[int, int]] = attrs.field(factory=list)
    came: list[dict[str, Any]] = attrs.field(factory=list)
    to_come: list[list[dict[str, Any]]] = attrs.field(factory=list)

    def put(self, moment: float) -> None:
        """Note it; what is to come has come."""
        self.moments.append(moment)
        self.came += self.to_come.pop(0) if self.to_come else []

    def switch(self, asked: dict[str, str]) -> str:
        """Note it."""
        self.asked.append(asked)
        return "it is so"

    def plan(self, fault: str) -> None:
        """Note it."""
        self.asked.append(fault)

    def under_way(self) -> tuple[int, int]:
        """Be busy for a while."""
        return self.busy.pop() if self.busy else (0, 1)

    def arrived(self) -> list[dict[str, Any]]:
        """Return what has come."""
        return self.came


def came(way: str, to: str, body: str) -> dict[str, Any]:
    """Return something that has arrived."""
    return {"way": way, "to": to, "body": body, "subject": "switchhook.text"}


def test_a_day_is_told(daemon: Any) -> None:
    """What happens, and what everybody's phone got: by name, and by no number."""
    text = HEAD + (
        "  - {at: 2026-12-01 10:00, note: It begins, from: jane, text: Hello}\n"
        "  - {at: 2026-12-01 10:00, from: anna, reply: Hi}\n"
        "  - {at: 2026-12-01 10:00, from: chloe, text: Hi}\n"
        "  - {at: 2026-12-01 10:01, away: anna, until: mon 08:00, cover: ben}\n"
        "  - {at: 2026-12-01 10:02, override: boston closed, for: 2h}\n"
        "  - {at: 2026-12-01 10:03, fault: cut-after}\n"
        "  - {at: 2026-12-01 23:04, from: joe, call: no-answer, message: 5}\n"
    )
    script, problems = script_of(daemon, text)
    assert script is not None, problems
    phone = [came("sms", "+16175550141", "#7 Hello"), came("sms", "+12025550143", "Hi"), came("sms", "+10", "?")]
    more = [came("email", "dana@maplepine.example", "Hello"), came("webhook", "crm", "{}")]
    office = Office(busy=[(0, 1), (1, 1)], to_come=[[*phone, *more]])
    pauses: list[float] = []
    numbers = {"jane": "+12025550143", "joe": "+12025550144"}

    lines = list(DayPlay(script, daemon.stage(), office, office, numbers, pauses.append).play())  # type: ignore[arg-type]

    assert Line("Tue 01 Dec 10:00", "It begins", headline=True) in lines
    told = [(line.label, line.words) for line in lines]
    assert told[1:8] == [
        ("jane writes", "“Hello”"),
        ("anna's mobile", "“#7 Hello”"),
        ("jane's mobile", "“Hi”"),
        ("somebody's mobile", "“?”"),
        ("dana's mail", "“Hello”"),
        ("the crm", "“switchhook.text {}”"),
        ("anna writes", "“#7 Hi”"),
    ]
    assert ("switched on", "it is so") in told
    assert ("the provider", "is in trouble: cut-after") in told
    assert ("joe calls", "boston") in told
    assert office.asked == [
        {"person": "anna", "cover": "ben", "until": "mon 08:00"},
        {"target": "boston", "what": "closed", "for": "2h"},
        "cut-after",
    ]
    assert pauses


def test_an_outbox_that_never_calms_down_ends_the_wait(daemon: Any) -> None:
    """The story goes on after a while."""
    script, _ = script_of(daemon, HEAD + "  - {at: now}\n")
    assert script is not None
    office = Office(busy=[(1, 0)] * 1000)
    pauses: list[float] = []

    list(DayPlay(script, daemon.stage(), office, office, {}, pauses.append).play())  # type: ignore[arg-type]

    assert 100 < len(pauses) < 300


def test_a_caller_is_a_new_one(daemon: Any) -> None:
    """With a number that is nobody's."""
    stage = daemon.stage()

    assert "555" in new_number(stage)
    assert stage.book.callers.classify(new_number(stage), verified=None).e164


def test_lines() -> None:
    """A new moment stands apart when there is something to say about it."""
    assert shown(Line("Tue", "It begins", headline=True)).startswith("\n")
    assert not shown(Line("Tue", "", headline=True)).startswith("\n")
    assert "hello" in shown(Line("anna writes", "hello"))


def test_a_provider_of_our_own(players_ports: Ports) -> None:
    """Is started, takes what it is asked, and ends with us; a second one on the same ports is the first."""
    environment = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "x"}
    with provider(players_ports, [], environment) as one, provider(players_ports, [], environment) as two:
        one.put(1_795_532_400.0)
        one.plan("cut")
        assert (one, one.arrived()) == (two, [])
    assert not Provider(players_ports.rest).answers()


def test_a_provider_that_cannot_be(players_ports: Ports) -> None:
    """Is said: here one option is wrong, as a port that is taken would be."""
    with pytest.raises(SimulationError, match="is one of them taken"), provider(players_ports, ["--wrong"], {}):
        pass


def test_a_provider_that_is_slow_to_start(players_ports: Ports) -> None:
    """It is given as it is after a while."""
    environment = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "x"}
    with provider(players_ports, [], environment, lambda _seconds: None) as found:
        assert found.port == players_ports.rest


@pytest.fixture
def players_ports() -> Ports:
    """Return two ports nobody listens on."""
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return Ports(one.getsockname()[1], two.getsockname()[1])
