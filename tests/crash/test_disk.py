"""A full disk and a read-only folder: one clear sentence, the published file is unchanged."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.settings import Settings
from tests.crash.compare import digest, leftovers
from tests.crash.conftest import DAYS, NEXT_DAY, Hotline, sentence
from tests.homes import copy_home

pytestmark = pytest.mark.nightly

MOUNT_REASON = "only root can mount a small disk, and this machine does not allow it"


def mount(*arguments: str) -> None:
    if os.geteuid() != 0 or subprocess.run(["mount", *arguments], capture_output=True).returncode:
        pytest.skip(MOUNT_REASON)


def unmount(path: Path) -> None:
    subprocess.run(["umount", "--lazy", str(path)], capture_output=True, check=False)


@pytest.fixture
def small_disk(built: Settings, tmp_path: Path) -> Iterator[Settings]:
    """The finished home on a disk of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount("-t", "tmpfs", "-o", "size=200m", "tmpfs", str(disk))
    try:
        yield copy_home(built, disk / "home")
    finally:
        unmount(disk)


@pytest.fixture
def read_only(built: Settings, tmp_path: Path) -> Iterator[Settings]:
    """The finished home in a folder that nobody can write to."""
    disk = tmp_path / "disk"
    disk.mkdir()
    settings = copy_home(built, disk)
    if os.geteuid() != 0:
        disk.chmod(0o555)
        yield settings
        disk.chmod(0o755)
        return
    mount("--bind", str(disk), str(disk))
    try:
        mount("-o", "remount,ro,bind", str(disk))
        yield settings
    finally:
        unmount(disk)


def fill(disk: Path, leave: int) -> Path:
    """Fills a disk but for some bytes."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    with ballast.open("wb") as file:
        file.write(b"\0" * (shutil.disk_usage(disk).free - leave))
    return ballast


def test_a_full_disk_stops_every_step_in_a_sentence(hotline: Hotline, small_disk: Settings) -> None:
    disk, marts = small_disk.home.parent, digest(small_disk.published)
    for command, leave, words in (
        (("load", "--from", NEXT_DAY, "--to", NEXT_DAY), 8_192, "could not be written"),
        (("build",), 65_536, "no room"),
        (("publish",), 300_000, "no room"),
    ):
        ballast = fill(disk, leave)
        message = sentence(hotline(small_disk, *command))
        assert words in message, message
        assert "unchanged" in message
        assert "Free space" in message
        assert digest(small_disk.published) == marts
        ballast.unlink()
        if command[0] != "publish":
            done = hotline(small_disk, *command)
            assert done.returncode == 0, done.stderr
            if command[0] == "build":
                assert hotline(small_disk, "validate", "marts").returncode == 0
    assert hotline(small_disk, "publish").returncode == 0
    assert leftovers(small_disk.home) == []


@pytest.mark.skipif(not shutil.which("prlimit"), reason="prlimit is not installed")
def test_a_file_that_cannot_grow_fails_like_a_full_disk(hotline: Hotline, home: Settings) -> None:
    marts = digest(home.published)
    day = str(DAYS[0])
    message = sentence(
        hotline(home, "load", "--from", NEXT_DAY, "--to", NEXT_DAY, largest_file=2_000)
    )
    assert "could not be written" in message
    message = sentence(hotline(home, "publish", largest_file=1_000_000))
    assert "no room" in message
    assert "published file is unchanged" in message or "published file are unchanged" in message
    assert digest(home.published) == marts
    assert hotline(home, "load", "--from", day, "--to", NEXT_DAY).returncode == 0
    assert leftovers(home.home) == []


@pytest.mark.parametrize(
    "command",
    [("load", "--from", NEXT_DAY, "--to", NEXT_DAY), ("build",), ("publish",), ("rank", "2021-02")],
    ids=lambda command: command[0],
)
def test_a_read_only_folder_gives_one_sentence(
    hotline: Hotline, read_only: Settings, command: tuple[str, ...]
) -> None:
    marts = digest(read_only.published)
    message = sentence(hotline(read_only, *command))
    assert "cannot be written" in message or "could not be written" in message
    assert "rights" in message
    assert digest(read_only.published) == marts
