"""Rules of the house that a machine can check."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pipelines.settings import PROJECT_ROOT

MODELS = sorted((PROJECT_ROOT / "dbt_project" / "models").rglob("*.sql"))


def tracked(*suffixes: str) -> list[Path]:
    """Files of the project that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    paths = [PROJECT_ROOT / name for name in listed if name.endswith(suffixes)]
    return [path for path in paths if path.is_file()]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.stem)
def test_a_model_states_grain_and_key_beside_it(model: Path) -> None:
    sibling = model.with_suffix(".yml")
    assert sibling.exists(), f"{model.name} has no {sibling.name}"
    described = yaml.safe_load(sibling.read_text(encoding="utf-8"))["models"][0]
    first = " ".join(described["description"].split(".")[0].split())
    assert described["name"] == model.stem
    assert first.startswith("One row"), f"{sibling.name} does not start with the grain: {first}"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.stem)
def test_a_model_ends_with_its_last_step(model: Path) -> None:
    lines = model.read_text(encoding="utf-8").strip().splitlines()
    assert len(lines) <= 120
    assert lines[-1].startswith("select * from "), lines[-1]


def test_only_staging_reads_sources() -> None:
    for model in MODELS:
        if model.parent.name != "staging":
            assert not re.search(r"\bsource\(", model.read_text(encoding="utf-8")), model.name


def test_no_clock_in_a_model() -> None:
    clocks = ("current_date", "current_timestamp", "now()", "today()", "run_started_at")
    for file in (PROJECT_ROOT / "dbt_project").rglob("*.sql"):
        text = file.read_text(encoding="utf-8").lower()
        assert not [clock for clock in clocks if clock in text], file.name


def test_python_files_stay_short() -> None:
    long = {
        path.name: lines
        for path in tracked(".py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_no_index_address_and_no_machine_path() -> None:
    # Put together here, so that this file does not hold them itself.
    forbidden = ["index" + "-url", "files.python" + "hosted", "/ro" + "ot/", "/wo" + "rk/"]
    for path in tracked(".py", ".sql", ".yml", ".toml", ".lock", ".sh", ".md", "Makefile"):
        text = path.read_text(encoding="utf-8")
        assert not [word for word in forbidden if word in text], path.name


def test_import_layers_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    result = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
