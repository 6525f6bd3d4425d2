"""The state folder: ours alone, and only one daemon's."""

from pathlib import Path

import pytest

from router.state import LockedError, StateFolder, read_running, read_token


def test_it_is_made_and_only_ours(tmp_path: Path) -> None:
    """Nobody else may look into it."""
    folder = StateFolder(tmp_path / "deep" / "state")

    folder.open()
    folder.close()
    folder.close()

    assert folder.path.stat().st_mode & 0o777 == 0o700


def test_a_second_daemon_is_kept_out(tmp_path: Path) -> None:
    """Until the first lets go."""
    first, second = StateFolder(tmp_path), StateFolder(tmp_path)
    first.open()

    with pytest.raises(LockedError, match="already running"):
        second.open()
    first.close()
    second.open()
    second.close()


def test_the_token_stays(tmp_path: Path) -> None:
    """It is made once; only we can read it."""
    folder = StateFolder(tmp_path)
    token = folder.token()

    assert token == folder.token() == read_token(tmp_path)
    assert len(token) >= 40
    assert (tmp_path / "admin-token").stat().st_mode & 0o777 == 0o600


def test_word_of_the_admin_listener(tmp_path: Path) -> None:
    """Left while we run, taken back when we stop."""
    folder = StateFolder(tmp_path)
    folder.announce("127.0.0.1:8081")
    found = read_running(tmp_path)
    folder.withdraw()

    assert found == "127.0.0.1:8081"
    with pytest.raises(FileNotFoundError):
        read_running(tmp_path)
