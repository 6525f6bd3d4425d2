"""What the tests of the daemon share."""

from collections.abc import Callable
from types import ModuleType

import pytest

Beside = Callable[[str, str], ModuleType]


@pytest.fixture(scope="session")
def journals(beside: Beside) -> ModuleType:
    """Return the fakes for the journal: a disk, a reactor and a thread that do what they are told."""
    return beside(__file__, "journal_fakes")


@pytest.fixture(scope="session")
def simulations(beside: Beside) -> ModuleType:
    """Return the fakes for the simulator: a daemon in memory."""
    return beside(__file__, "simulate_fakes")


@pytest.fixture(scope="session")
def engines(beside: Beside) -> ModuleType:
    """Return the fakes around the engine: a journal, an index and a provider in memory, and a small office."""
    return beside(__file__, "engine_fakes")


@pytest.fixture(scope="session")
def outboxes(beside: Beside) -> ModuleType:
    """Return the fakes around the outbox: a journal, an index and providers in memory."""
    return beside(__file__, "outbox_fakes")


@pytest.fixture(scope="session")
def channels(beside: Beside) -> ModuleType:
    """Return the fakes for the channels: a provider, a mail server and web hooks on ports of this machine."""
    return beside(__file__, "channel_fakes")


@pytest.fixture(scope="session")
def desks(beside: Beside, engines: ModuleType) -> ModuleType:
    """Return the fakes for texts to people: a desk with an engine before it and an outbox behind."""
    return beside(__file__, "texts_fakes")


@pytest.fixture(scope="session")
def receptions(beside: Beside, desks: ModuleType) -> ModuleType:
    """Return the fakes for what comes after a call: a desk whose calls are followed to their end."""
    return beside(__file__, "aftercall_fakes")
