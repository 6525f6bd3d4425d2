"""`switchhook explain`: what people type, and what they read."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from router.cli import main

CONFIG = Path(__file__).resolve().parents[2] / "config.example.yaml"
VIP = ["--to", "boston", "--from", "+1 212 555 0177", "--call", "--at", "2026-12-22 10:00"]


def run(*args: str, config: Path = CONFIG, stdin: str | None = None) -> Result:
    """Run one command."""
    return CliRunner().invoke(main, ["-c", str(config), *args], input=stdin)


def test_a_question_is_answered_in_words() -> None:
    """Who, when, which rule, why, what then."""
    result = run("explain", *VIP)

    assert result.exit_code == 0
    assert "A call to boston from +1 212 555 0177 (number, vip)\non Tue 22 Dec 2026 10:00 EST\n" in result.stdout
    assert "anna is away; cover: chloe" in result.stdout
    assert "ring chloe, 20 s" in result.stdout


def test_the_same_as_json() -> None:
    """One JSON value and nothing else."""
    told = json.loads(run("explain", *VIP, "--json").stdout)

    assert (told["schema"], told["rule"], told["to"]) == ("decision/1", "boston.rules.vip", "boston")
    assert told["tries"] == [["chloe"], ["chloe", "dana", "eli"], ["eli"]]


@pytest.mark.parametrize(
    ("args", "rule"),
    [
        pytest.param(
            ["--to", "+1 617 555 0100", "--text", "hi", "--at", "2026-11-28 23:10"],
            "boston.texts.closed",
            id="a number",
        ),
        pytest.param(["--to", "+1 617 555 0999", "--call"], "refused", id="a number that is not ours"),
        pytest.param(
            ["--to", "boston", "--call", "--via", "+12015550101", "--via", "+12015550102", "--via", "+12015550103"],
            "safety:loop",
            id="diverted",
        ),
        pytest.param(
            ["--to", "boston", "--call", "--at", "2031-06-03 10:00"], "boston.calls.open", id="years from now"
        ),
        pytest.param(
            ["--to", "london", "--call", "--at", "2026-11-24 10:00"],
            "london.calls.open",
            id="a time in the number's zone",
        ),
    ],
)
def test_questions(args: list[str], rule: str) -> None:
    """Numbers by name or by number, any moment, any way the call came."""
    assert json.loads(run("explain", "--from", "+12015550100", "--json", *args).stdout)["rule"] == rule


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(
            ["--to", "bostn", "--from", "x", "--call"],
            "there is no number called 'bostn'; did you mean 'boston'?",
            id="a typing slip",
        ),
        pytest.param(["--to", "boston", "--from", "x"], "either --call or --text BODY", id="neither call nor text"),
        pytest.param(
            ["--to", "boston", "--from", "x", "--call", "--text", "y"], "either --call or --text BODY", id="both"
        ),
        pytest.param(
            ["--to", "boston", "--from", "x", "--call", "--at", "soon"], "'soon' is no moment", id="no moment"
        ),
    ],
)
def test_wrong_usage_is_told(args: list[str], said: str) -> None:
    """Exit 2 and a sentence."""
    result = run("explain", *args)

    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def test_a_batch_is_answered_line_by_line() -> None:
    """A line that cannot be read gets its error, and the rest goes on."""
    lines = [
        '{"to": "boston", "from": "+12125550177", "kind": "call", "at": "2026-12-22T15:00:00Z"}',
        "",
        "nonsense",
        '["a list"]',
        '{"to": "boston", "from": "+12125550177", "kind": "fax"}',
        '{"to": "boston", "from": "+12125550177", "kind": "call", "at": 7}',
        '{"to": "boston", "from": "+12125550177", "kind": "call", "at": "soon"}',
        '{"to": "boston", "from": "+12015550100", "kind": "text", "text": "stop"}',
    ]

    result = run("explain", "--batch", "-", stdin="\n".join(lines))

    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer.get("rule") for answer in told] == ["boston.rules.vip", None, None, None, None, None, "safety:stop"]
    assert [answer.get("error") for answer in told][1:5] == [
        "this line is no JSON object",
        "a question needs 'to', 'from' and 'kind', each a text",
        "'kind' is 'call' or 'text'",
        "'text' and 'at' are texts",
    ]


def test_a_broken_file_explains_nothing(tmp_path: Path) -> None:
    """The mistakes are shown instead."""
    broken = tmp_path / "config.yaml"
    broken.write_text(CONFIG.read_text("utf-8").replace("cover: ben", "cover: benn"), "utf-8")

    result = run("explain", *VIP, config=broken)

    assert result.exit_code == 1
    assert "did you mean 'ben'" in result.stderr


def test_a_decision_the_audit_does_not_hold(tmp_path: Path) -> None:
    """A sentence, and where to look."""
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.read_text("utf-8"), "utf-8")

    result = run("explain", "01M87149C08ABSA2BZFGV2G7B7", config=config)

    assert result.exit_code == 1
    assert "the audit holds no decision" in result.stderr
