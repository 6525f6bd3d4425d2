"""The page on running it for good: what it tells Prometheus to look at exists, and Prometheus takes it."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import generate_latest

from router.manager import LISTENERS
from router.metrics import Metrics

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "deploying.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def alerts() -> dict[str, Any]:
    """Return the alerts of the page."""
    found = re.search(r"```yaml\n(groups:.*?)```", PAGE, re.DOTALL)
    assert found is not None
    read: dict[str, Any] = yaml.safe_load(found[1])
    return read


def test_every_metric_it_names_exists(alerts: dict[str, Any]) -> None:
    """By the name under which it is scraped."""
    named = {name for rule in alerts["groups"][0]["rules"] for name in re.findall(r"switchhook_\w+", rule["expr"])}
    scraped = set(re.findall(r"^# TYPE (\S+)", generate_latest(Metrics().registry).decode(), re.MULTILINE))

    assert len(named) > 5
    assert named <= scraped


def test_prometheus_takes_the_alerts(alerts: dict[str, Any], tmp_path: Path) -> None:
    """Its own tool checks them."""
    if shutil.which("promtool") is None:
        assert "CI" not in os.environ, "promtool is missing: apt-get install prometheus"
        pytest.skip("promtool is not installed")
    (tmp_path / "alerts.yaml").write_text(yaml.safe_dump(alerts), encoding="utf-8")

    done = subprocess.run(
        ["promtool", "check", "rules", "alerts.yaml"], check=False, cwd=tmp_path, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert f"{len(alerts['groups'][0]['rules'])} rules found" in done.stdout


def test_the_socket_unit_has_a_name_that_is_ours() -> None:
    """Any other would be refused at start."""
    unit = (DOCS / "systemd" / "switchhook.socket").read_text(encoding="utf-8")

    names = re.findall(r"^FileDescriptorName=(\w+)$", unit, re.MULTILINE)
    assert len(names) == 1
    assert set(names) <= set(LISTENERS)
