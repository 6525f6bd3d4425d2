"""What all tests share: a way to a module of helpers that lies beside them."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import structlog

Beside = Callable[[str, str], ModuleType]


@pytest.fixture(autouse=True, scope="session")
def plain_logs() -> None:
    """Log tracebacks as plain text: structlog's own choice prints every local variable, which takes minutes here."""
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, renderer])


@pytest.fixture(scope="session")
def beside() -> Beside:
    """Return what imports a module of helpers: `beside(__file__, "journal_fakes")`. Tests are no package to import from."""

    def module(file: str, name: str) -> ModuleType:
        if name not in sys.modules:
            spec = importlib.util.spec_from_file_location(name, Path(file).parent / f"{name}.py")
            assert spec is not None
            assert spec.loader is not None
            made = sys.modules[name] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(made)
        return sys.modules[name]

    return module
