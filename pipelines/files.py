"""Atomic writes: a file is written under a temporary name, flushed to disk and then renamed.

A reader sees the old file or the new one, never half of one. What a killed process left under a
temporary name is removed by the next write of the same file; the name holds the process id, so
that a file that is being written by a living process is left alone.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def temp_path(target: Path) -> Path:
    """Where a file is written before it is renamed: `.NAME.PROCESS.tmp` next to it."""
    return target.with_name(f".{target.name}.{os.getpid()}.tmp")


def flush(path: Path) -> None:
    """Waits until the bytes of a file are on disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def copy_file(source: Path, target: Path) -> None:
    """Copies the bytes of a file, inside the kernel where it can.

    A file system that can (XFS, Btrfs) lets both share their blocks until one of them changes.
    """
    with source.open("rb") as old, target.open("wb") as new:
        left = os.fstat(old.fileno()).st_size
        try:
            while left and (copied := os.copy_file_range(old.fileno(), new.fileno(), left)):
                left -= copied
        except (AttributeError, OSError):
            left = -1  # Not on this system, or not between these two file systems.
    if left:
        shutil.copyfile(source, target)


@contextmanager
def atomic_write(target: Path) -> Iterator[Path]:
    """Gives a temporary path; what is written there takes the target's name at the end.

    If the block fails, the target is unchanged and the temporary file is removed.

    Raises:
        OSError: The folder cannot be written to, or the disk is full.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(target)
    written = temp_path(target)
    try:
        yield written
        flush(written)
        written.replace(target)
    finally:
        with suppress(OSError):
            written.unlink(missing_ok=True)


def remove_leftovers(target: Path) -> None:
    """Removes temporary files and folders of a target that killed processes left."""
    for path in target.parent.glob(f".{target.name}.*.tmp"):
        if _is_running(path.name.split(".")[-2]):
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _is_running(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True
