"""The few things the journal asks of a disk, in one place, so that a test can make each of them fail."""

import os
from pathlib import Path
from shutil import disk_usage
from typing import Protocol

import attrs


class Disk(Protocol):
    """Files that are written at a place and synced; everything may raise `OSError`."""

    def create(self, path: Path) -> int:
        """Make a new file, readable by its owner alone, and return its descriptor; an existing one is an error."""

    def open(self, path: Path) -> int:
        """Open an existing file for writing at any place."""

    def write(self, descriptor: int, data: bytes, offset: int) -> int:
        """Write at *offset* and return how many bytes were taken."""

    def sync(self, descriptor: int) -> None:
        """Return once all that was written is safe from a power cut."""

    def truncate(self, descriptor: int, length: int) -> None:
        """Cut the file off at *length* bytes."""

    def close(self, descriptor: int) -> None:
        """Let go of the file."""

    def remove(self, path: Path) -> None:
        """Remove a file; one that is not there is no error."""

    def rename(self, path: Path, new: Path) -> None:
        """Give a file a *new* name in the same folder."""

    def size(self, path: Path) -> int:
        """Return how many bytes a file has; one that is not there has none."""

    def free(self, folder: Path) -> int:
        """Return how many bytes there is still room for."""

    def sync_folder(self, folder: Path) -> None:
        """Make the names of new files in *folder* safe from a power cut."""


@attrs.frozen
class RealDisk:
    """The file system."""

    def create(self, path: Path) -> int:
        """Make a new file, mode 0600."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def open(self, path: Path) -> int:
        """Open an existing file."""
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def write(self, descriptor: int, data: bytes, offset: int) -> int:
        """Write with one `pwrite`; the thread that waits for it does not hold up the others."""
        return os.pwrite(descriptor, data, offset)

    def sync(self, descriptor: int) -> None:
        """Sync the data and as much about the file as is needed to read it again."""
        os.fdatasync(descriptor)

    def truncate(self, descriptor: int, length: int) -> None:
        """Cut the file off."""
        os.ftruncate(descriptor, length)

    def close(self, descriptor: int) -> None:
        """Close it."""
        os.close(descriptor)

    def remove(self, path: Path) -> None:
        """Unlink it."""
        path.unlink(missing_ok=True)

    def rename(self, path: Path, new: Path) -> None:
        """Rename it."""
        path.rename(new)

    def size(self, path: Path) -> int:
        """Look it up."""
        return path.stat().st_size if path.exists() else 0

    def free(self, folder: Path) -> int:
        """Ask the file system."""
        return disk_usage(folder).free

    def sync_folder(self, folder: Path) -> None:
        """Sync the directory itself."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
