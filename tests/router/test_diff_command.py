"""`switchhook diff`: files and revisions of git, what is printed, and the exit code."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from router import revision
from router.cli import main

CONFIG = Path(__file__).resolve().parents[2] / "config.example.yaml"
NOW = ["--now", "2026-11-23 00:00"]
needs_git = pytest.mark.skipif(
    shutil.which("git") is None and "CI" not in os.environ, reason="git is not installed: apt-get install git"
)


def run(*args: str) -> Result:
    """Run one command."""
    return CliRunner().invoke(main, ["diff", *args])


def variant(folder: Path, old: str, new: str) -> str:
    """Write the example with one edit, and return where."""
    text = CONFIG.read_text("utf-8")
    assert old in text
    file = folder / "new.yaml"
    file.write_text(text.replace(old, new), "utf-8")
    return str(file)


def test_friday_closes_an_hour_earlier(tmp_path: Path) -> None:
    """The affected hours and callers and nothing else; exit 1."""
    new = variant(tmp_path, "fri: 09:00-16:00", "fri: 09:00-15:00")

    result = run(str(CONFIG), new, *NOW)

    assert result.exit_code == 1
    assert result.stdout.startswith(
        "boston calls from number, short-code, named-sender, unrecognised, own-number, teammate: "
        "49 times, 49.0 h, always Fri 15:00-16:00; first Fri 4 Dec 2026, last Fri 24 Dec 2027\n"
        "    was boston.calls.open: ring front (in-turn: dana, ben) -> "
        "ring everyone (all-at-once: ben, dana, eli) -> voicemail main\n"
        "    now boston.calls.closed: voicemail main\n"
    )
    heads = [line for line in result.stdout.splitlines() if line and line[0] != " "]
    assert all(head.startswith("boston ") and "always Fri 15:00-16:00" in head for head in heads)
    assert not any("vip" in head or "anonymous:" in head for head in heads)


def test_nothing_to_say(tmp_path: Path) -> None:
    """Comments and order change nothing: no output, exit 0."""
    new = variant(tmp_path, "    mon-thu: 09:00-12:30, 13:00-17:30\n    fri: 09:00-16:00\n", "")
    text = (
        Path(new)
        .read_text("utf-8")
        .replace(
            "    holidays: closed\n    2026-12-24",
            "    fri: 09:00-16:00   # as ever\n    holidays: closed\n    mon-thu: 09:00-12:30, 13:00-17:30\n    2026-12-24",
        )
    )
    Path(new).write_text(text, "utf-8")

    result = run(str(CONFIG), new, *NOW)

    assert (result.exit_code, result.stdout) == (0, "")
    assert json.loads(run(str(CONFIG), new, "--json", *NOW).stdout)["changed"] is False


def test_only_facts_beside_the_decisions(tmp_path: Path) -> None:
    """They count as a change; a device is masked."""
    new = variant(
        tmp_path, 'eli:\n    name: Eli Novak\n    devices: {mobile: "+1 617 555 0145"}', "eli:\n    devices: {}"
    )
    Path(new).write_text(Path(new).read_text("utf-8").replace("devices: {}", 'devices: {cell: "+1 617 555 0145"}'))

    result = run(str(CONFIG), new, *NOW)

    assert (result.exit_code, result.stdout) == (
        1,
        "also changed\n    eli: rings: was mobile +1617***0145 (press 1), now cell +1617***0145 (press 1)\n",
    )


def test_as_json(tmp_path: Path) -> None:
    """One value with everything."""
    new = variant(tmp_path, "fri: 09:00-16:00", "fri: 09:00-15:00")

    told = json.loads(run(str(CONFIG), new, "--json", "--days", "20", *NOW).stdout)

    assert (told["schema"], told["from"], told["until"], told["changed"]) == (
        "diff/1",
        "2026-11-23T05:00:00Z",
        "2026-12-13T05:00:00Z",
        True,
    )
    first = told["changes"][0]["affected"][0]
    assert (first["number"], first["times"], first["seconds"]) == ("boston", 2, 7200)
    assert first["first"] == {"from": "2026-12-04T20:00:00Z", "until": "2026-12-04T21:00:00Z"}


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        pytest.param("nowhere.yaml", str(CONFIG), 1, "nowhere.yaml", id="no such file"),
        pytest.param(":config.yaml", str(CONFIG), 1, "no REVISION:PATH", id="no revision"),
        pytest.param("-x:config.yaml", str(CONFIG), 2, "", id="an option"),
        pytest.param(
            "never-was:config.yaml", str(CONFIG), 1, "git has no never-was:config.yaml", id="unknown revision"
        ),
    ],
)
def test_what_cannot_be_compared(old: str, new: str, code: int, said: str) -> None:
    """A sentence, and no traceback."""
    result = run(old, new)

    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_a_broken_file_and_a_broken_moment(tmp_path: Path) -> None:
    """The mistakes are shown; a moment nobody can read is wrong usage."""
    broken = variant(tmp_path, "cover: ben", "cover: benn")

    result = run(str(CONFIG), broken)

    assert result.exit_code == 1
    assert "did you mean 'ben'" in result.stderr
    assert "cannot be used as it is" in result.stderr
    assert run(str(CONFIG), str(CONFIG), "--now", "soon").exit_code == 2


# ---------------------------------------------------------------- git


def git(folder: Path, *words: str) -> None:
    """Ask git, as somebody."""
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the example in git, in a folder, with its people in a file of their own and a greeting to play."""
    folder = tmp_path / "office"
    (folder / "rules" / "deep").mkdir(parents=True)
    text = CONFIG.read_text("utf-8").replace(
        "# rule_files: [office/*.yaml]     #", "rule_files: [rules/**/*.yaml, rules/*.yaml]  #"
    )
    begin, end = text.index("people:\n"), text.index("teams:\n")
    (folder / "rules" / "deep" / "people.yaml").write_text(text[begin:end], "utf-8")
    text = text[:begin] + text[end:]
    begin, end = text.index("plans:\n"), text.index("replies:  ")
    (folder / "rules" / "plans.yaml").write_text(text[begin:end], "utf-8")
    (folder / "rules" / "notes.txt").write_text("no rules")
    text = (text[:begin] + text[end:]).replace(
        'greeting: {say: "Deliveries: please leave your order number."}', "greeting: {play: orders.wav}"
    )
    (folder / "config.yaml").write_text(text, "utf-8")
    (folder / "orders.wav").write_bytes(b"RIFF")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "office")
    monkeypatch.chdir(folder)
    return folder


@needs_git
@pytest.mark.parametrize("name", ["HEAD:office/config.yaml", "HEAD:./config.yaml", "HEAD:./rules/../config.yaml"])
def test_a_revision_of_git(repository: Path, name: str) -> None:
    """With the files it names, and the greetings, of that revision."""
    assert run(name, "config.yaml").output == ""

    people = repository / "rules" / "deep" / "people.yaml"
    people.write_text(
        people.read_text("utf-8").replace("from: 2026-12-17, to: 2026-12-23", "from: 2026-12-17, to: 2026-12-22")
    )
    (repository / "orders.wav").write_bytes(b"RIFX")

    result = run(name, "config.yaml", *NOW)

    assert result.exit_code == 1
    assert "once, " in result.stdout
    assert "now boston.rules.suppliers at night: voicemail suppliers (play media:" in result.stdout


@needs_git
def test_a_greeting_that_a_revision_does_not_have(repository: Path) -> None:
    """It is missing there, whatever lies on disk."""
    config = repository / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("orders.wav", "later.wav"), "utf-8")
    (repository / "later.wav").write_bytes(b"RIFF")
    git(repository, "commit", "-qam", "without the file")

    result = run("HEAD:./config.yaml", "config.yaml")

    assert result.exit_code == 1
    assert "there is no file 'later.wav' to play" in result.stderr


@needs_git
def test_rules_too_large(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are not read at all."""
    monkeypatch.setattr(revision, "LARGEST", 100)

    assert "larger than" in run("HEAD:./config.yaml", "config.yaml").stderr


@needs_git
def test_a_folder_that_is_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What git says is passed on."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    assert "git has no HEAD:config.yaml: " in run("HEAD:config.yaml", str(CONFIG)).stderr


def test_without_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A sentence says what to do instead; git that hangs is not waited for."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "git is not installed; name two files instead" in run("HEAD:config.yaml", str(CONFIG)).stderr

    slow = tmp_path / "git"
    slow.write_text("#!/bin/sh\nexec /bin/sleep 5\n")
    slow.chmod(0o755)
    monkeypatch.setattr(revision, "GIT_PATIENCE", 0.05)
    assert "git did not answer within 0 seconds" in run("HEAD:config.yaml", str(CONFIG)).stderr


def test_git_that_fails_silently(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """There is a sentence all the same."""
    silent = tmp_path / "git"
    silent.write_text("#!/bin/sh\nexit 1\n")
    silent.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert "git has no HEAD:config.yaml: it gave no reason" in run("HEAD:config.yaml", str(CONFIG)).stderr
