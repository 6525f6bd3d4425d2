"""What the tests of the daemon share."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
import structlog


def _module(name: str) -> ModuleType:
    """Return a module of fakes that lies beside the tests."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(autouse=True, scope="session")
def plain_logs() -> None:
    """Log tracebacks as plain text: structlog's own choice prints every local variable, which takes minutes here."""
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, renderer])


@pytest.fixture(scope="session")
def journals() -> ModuleType:
    """Return the fakes for the journal: a disk, a reactor and a thread that do what they are told."""
    return _module("journal_fakes")


@pytest.fixture(scope="session")
def simulations() -> ModuleType:
    """Return the fakes for the simulator: a daemon in memory."""
    return _module("simulate_fakes")


@pytest.fixture(scope="session")
def engines() -> ModuleType:
    """Return the fakes around the engine: a journal, an index and a provider in memory, and a small office."""
    return _module("engine_fakes")
