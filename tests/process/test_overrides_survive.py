"""What the command line called done is in force after a kill at that very moment."""

import json
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def test_a_kill_right_after_the_answer_forgets_nothing(office: Any) -> None:
    """Set, killed, there; cleared, killed, gone: round after round, with one absence that stays."""
    office.start()
    stays = office.command("away", "anna", "--for", "48h")
    assert stays.exit_code == 0, stays.output
    for _ in range(4):
        switched = office.command("override", "set", "business", "closed", "--for", "2h", "--json")
        office.running.kill()
        office.start()
        there = listed(office)
        cleared = office.command("override", "clear", json.loads(switched.stdout)["id"])
        office.running.kill()
        office.start()

        assert (switched.exit_code, cleared.exit_code) == (0, 0)
        assert there == ["closed", "away"]
        assert listed(office) == ["away"]
    office.running.stop()

    assert [row["outcome"].partition(",")[0] for row in office.rows() if row["kind"] == "override"][:1] == [
        stays.output.splitlines()[0].partition(": ")[2]
    ]
    assert office.command("override", "list").exit_code == 4


def listed(office: Any) -> list[str]:
    """Return what is switched on, newest first."""
    return [each["what"] for each in json.loads(office.command("override", "list", "--json").stdout)]
