"""The pointer to the current version: one path that readers open, moved in a single rename."""

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pipelines.files import flush, temp_path

Link = Literal["symbolic link", "hard link", "copy"]


def usable_link(pointer: Path) -> Link:
    """What the file system of the pointer can do, tried out before anything is written.

    Network shares and Windows mounts may have no symbolic links, some have no links at all.

    Raises:
        OSError: The folder cannot be written to.
    """
    pointer.parent.mkdir(parents=True, exist_ok=True)
    file = temp_path(pointer)
    link = file.with_suffix(".link.tmp")
    try:
        with suppress(OSError):
            link.symlink_to(file.name)
            return "symbolic link"
        file.touch()
        with suppress(OSError):
            link.hardlink_to(file)
            return "hard link"
        return "copy"
    finally:
        for path in (link, file):
            path.unlink(missing_ok=True)


def move_pointer(pointer: Path, file: Path, link: Link) -> None:
    """Moves the pointer to the file of a version; a reader sees the old version or the new one.

    Raises:
        OSError: It cannot be moved; the pointer is unchanged.
    """
    written = temp_path(pointer)
    try:
        if link == "symbolic link":
            written.symlink_to(file.relative_to(pointer.parent))
        elif link == "hard link":
            written.hardlink_to(file)
        else:
            shutil.copyfile(file, written)
            flush(written)
            written.chmod(0o444)
        written.replace(pointer)
    finally:
        with suppress(OSError):
            written.unlink(missing_ok=True)
