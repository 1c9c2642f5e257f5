"""The commands that the READMEs show do what is said, run as they are written."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_ROOT
from tests.integration.conftest import Finished


def sh_blocks() -> list[str]:
    """The sh blocks of the README; the Chinese one shows the same (test_docs)."""
    text = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def run(block: str, cwd: Path) -> str:
    """Runs a block as a shell script that stops at the first error; gives what it printed."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert result.returncode == 0, f"{block}\n{result.stdout}{result.stderr}"
    return result.stdout + result.stderr


@pytest.fixture
def checkout(tmp_path: Path, finished: Finished) -> Path:
    """A folder that looks like a clone in which `make demo` has run."""
    for path in PROJECT_ROOT.iterdir():
        if path.name not in ("data", ".venv", ".git"):
            (tmp_path / path.name).symlink_to(path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "demo").symlink_to(finished.settings.home)
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    return tmp_path


def test_the_two_commands_are_there() -> None:
    assert sh_blocks()[0] == "make demo\nmake test\n"
    for target in ("demo", "test"):
        run(f"make --dry-run {target}", PROJECT_ROOT)


def test_reading_the_result_shows_ten_problems(checkout: Path) -> None:
    (block,) = [block for block in sh_blocks() if "fct_topic_rankings" in block]
    printed = run(block, checkout)
    assert "problem_name" in printed
    assert "10 rows" in printed


def test_the_daily_commands_run_in_order(checkout: Path) -> None:
    (block,) = [block for block in sh_blocks() if "hotline simulate" in block]
    printed = run(block, checkout)
    assert "Issue 1 of 2021-03 is new." in printed
    assert (checkout / "data" / "try" / "reports" / "ranking_2021-03.en.html").exists()
    assert "Published: v000002" in printed


def test_contracts_check_names_every_contract(checkout: Path) -> None:
    (block,) = [block for block in sh_blocks() if "contracts check" in block]
    assert run(block, checkout).count(" is good ") == 8


def test_no_block_goes_untested() -> None:
    assert len(sh_blocks()) == 4
