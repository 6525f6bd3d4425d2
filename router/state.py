"""The state folder: what outlives a restart, and the lock that keeps a second daemon out of it."""

import fcntl
import os
import secrets
from pathlib import Path

import attrs

from router.links import write_private

TOKEN = "admin-token"  # noqa: S105  the name of a file
RUNNING = "running"
"""Says where the running daemon's admin listener is, for the commands."""


class LockedError(Exception):
    """Another switchhook already runs on this state folder."""


@attrs.define(eq=False)
class StateFolder:
    """The folder named by `state:`; only its owner may look into it."""

    path: Path
    _lock: int | None = attrs.field(default=None, init=False)

    def open(self) -> None:
        """Make the folder if need be and lock it; raise `LockedError` when somebody else has it."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.chmod(0o700)
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise LockedError(f"another switchhook is already running on {self.path}") from None
        self._lock = descriptor

    def close(self) -> None:
        """Let go of the lock."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def announce(self, admin: str) -> None:
        """Leave word where the admin listener is, so that commands find it even while the rule file is broken."""
        write_private(self.path / RUNNING, admin.encode() + b"\n")

    def withdraw(self) -> None:
        """Take that word back."""
        (self.path / RUNNING).unlink(missing_ok=True)

    def token(self) -> str:
        """Return the bearer token of the admin listener, made on first use."""
        path = self.path / TOKEN
        if not path.exists():
            write_private(path, secrets.token_urlsafe(32).encode() + b"\n")
        return read_token(self.path)


def read_token(folder: Path) -> str:
    """Return the admin token kept in *folder*; raise `OSError` when it cannot be read."""
    return (folder / TOKEN).read_text(encoding="ascii").strip()


def read_running(folder: Path) -> str:
    """Return where the daemon on *folder* has its admin listener; raise `OSError` when none has said so."""
    return (folder / RUNNING).read_text(encoding="utf-8").strip()
