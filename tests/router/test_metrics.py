"""Metrics: their names, help texts and closed label sets."""

import os
import re
import shutil
import subprocess

import pytest

from router.metrics import Metrics, OfProvider

PROMISED = [
    "events_total",
    "decisions_total",
    "decision_duration_seconds",
    "webhook_duration_seconds",
    "webhook_rejected_total",
    "duplicate_events_total",
    "failsafe_answers_total",
    "config_last_reload_successful",
    "config_last_reload_success_timestamp_seconds",
    "ruleset_info",
    "journal_commit_duration_seconds",
    "journal_batch_rows",
    "journal_up",
    "index_lag_seconds",
    "index_up",
    "outbox_messages",
    "outbox_oldest_age_seconds",
    "held_texts",
    "reactor_lag_seconds",
    "clock_jumps_total",
    "build_info",
]


@pytest.fixture
def metrics() -> Metrics:
    """Return metrics with something in all of them."""
    metrics = Metrics()
    metrics.built(version="1", sqlite="3", tzdata="2026.6")
    metrics.ruleset("sha256:a")
    metrics.committed(0.0002, 3)
    OfProvider.of(metrics, "twilio")
    return metrics


def _families(metrics: Metrics) -> dict[str, str]:
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", metrics.exposition().decode(), re.MULTILINE))


def test_every_promised_name_is_there(metrics: Metrics) -> None:
    """Dashboards are built on them."""
    assert [name for name in PROMISED if f"switchhook_{name}" not in _families(metrics)] == []


def test_names_are_as_prometheus_wants_them(metrics: Metrics) -> None:
    """Counters end in _total, and only they; nothing is said about when a series began; every help is a sentence."""
    text = metrics.exposition().decode()

    for name, kind in _families(metrics).items():
        assert name.endswith("_total") == (kind == "counter"), name
    assert "_created" not in text
    assert all(line.endswith(".") for line in text.splitlines() if line.startswith("# HELP"))


@pytest.mark.skipif(
    shutil.which("promtool") is None and "CI" not in os.environ,
    reason="promtool is not installed: apt-get install prometheus",
)
def test_promtool_agrees(metrics: Metrics) -> None:
    """Prometheus' own tool finds nothing to say."""
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=metrics.exposition(), capture_output=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_there_is_one_rule_set(metrics: Metrics) -> None:
    """The one in force."""
    metrics.ruleset("sha256:b")

    text = metrics.exposition().decode()
    assert 'ruleset_info{hash="sha256:b"} 1.0' in text
    assert "sha256:a" not in text


def test_alarms_start_at_zero(metrics: Metrics) -> None:
    """So that the first fail-safe answer shows as an increase."""
    assert metrics.registry.get_sample_value("switchhook_failsafe_answers_total", {"reason": "deadline"}) == 0.0
