"""What the tests with real processes share: a workplace of one's own, and the providers at the other end of the line."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

Beside = Callable[[str, str], ModuleType]


@pytest.fixture(scope="session")
def daemons(beside: Beside) -> ModuleType:
    """Return what starts daemons."""
    return beside(__file__, "daemon_process")


@pytest.fixture(scope="session")
def outside(beside: Beside) -> ModuleType:
    """Return what plays the providers."""
    return beside(__file__, "providers")


@pytest.fixture(scope="session")
def kills(beside: Beside) -> ModuleType:
    """Return the providers that go on while the daemon is killed."""
    return beside(__file__, "kill_clients")


@pytest.fixture(scope="session")
def players(beside: Beside) -> ModuleType:
    """Return what plays whole days."""
    return beside(__file__, "day_players")


@pytest.fixture
def day(daemons: ModuleType, outside: ModuleType, players: ModuleType, tmp_path: Path) -> Iterator[Any]:
    """Return an office whose day can be played."""
    with players.day(daemons, outside, tmp_path / "day") as made:
        yield made


@pytest.fixture(scope="session")
def rude(beside: Beside) -> ModuleType:
    """Return clients that mean no good."""
    return beside(__file__, "rude_clients")


@pytest.fixture(scope="session")
def twilio(daemons: ModuleType, outside: ModuleType) -> Any:
    """Return Twilio, with the account of the tests."""
    return outside.Twilio(daemons.SECRETS["TWILIO_ACCOUNT_SID"], daemons.SECRETS["TWILIO_AUTH_TOKEN"])


@pytest.fixture(scope="session")
def pbx(daemons: ModuleType, outside: ModuleType) -> Any:
    """Return a PBX on the generic adapter."""
    return outside.Pbx(daemons.SECRETS["PBX_SECRET"])


@pytest.fixture
def office(daemons: ModuleType, tmp_path: Path) -> Iterator[Any]:
    """Return a workplace whose daemons end with the test."""
    with daemons.workplace(tmp_path / "office") as place:
        yield place
