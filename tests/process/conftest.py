"""What the tests with real processes share: a workplace of one's own, and the providers at the other end of the line."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def _module(name: str) -> ModuleType:
    """Return a module that lies beside the tests."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def daemons() -> ModuleType:
    """Return what starts daemons."""
    return _module("daemon_process")


@pytest.fixture(scope="session")
def outside() -> ModuleType:
    """Return what plays the providers."""
    return _module("providers")


@pytest.fixture(scope="session")
def kills() -> ModuleType:
    """Return the providers that go on while the daemon is killed."""
    return _module("kill_clients")


@pytest.fixture(scope="session")
def rude() -> ModuleType:
    """Return clients that mean no good."""
    return _module("rude_clients")


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
