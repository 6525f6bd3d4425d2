"""`switchhook schema`: what is printed is what is committed."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from router.cli import main

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("args", "file"),
    [
        pytest.param((), "switchhook.schema.json", id="of a rule file"),
        pytest.param(("--tests",), "switchhook.tests.schema.json", id="of a file of tests"),
    ],
)
def test_the_schema_is_printed(args: tuple[str, ...], file: str) -> None:
    """Byte for byte, so that `switchhook schema > FILE` renews it; no configuration is needed."""
    result = CliRunner().invoke(main, ["-c", "/nowhere.yaml", "schema", *args])

    assert result.exit_code == 0
    assert result.stdout == (ROOT / file).read_text("utf-8")
