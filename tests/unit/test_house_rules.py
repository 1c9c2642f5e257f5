"""Rules of the house that a machine can check."""

import re
import subprocess
import sys
from functools import cache
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
def test_a_model_states_grain_and_key_next_to_it(model: Path) -> None:
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
    last = lines[-2] if lines[-1].startswith("order by ") else lines[-1]
    assert last.startswith("select * from "), last


def folder(model: Path) -> str:
    return model.relative_to(PROJECT_ROOT / "dbt_project" / "models").parts[0]


def read_by(model: Path) -> set[str]:
    """Models that a model reads, by name or through the list that it is affected by."""
    text = model.read_text(encoding="utf-8")
    lists = {
        "contact_id": "affected_contacts",
        "on_date": "affected_dates",
        "period": "affected_periods",
        "bucket_code": "affected_buckets",
        "caller_key": "affected_callers",
        "point": "affected_points",
    }
    names = set(re.findall(r"ref\('(\w+)'\)", text))
    names |= {lists[by] for by in re.findall(r"only_affected\('(\w+)'", text)}
    if re.search(r"only_affected\([^)]*day=", text):
        names.add("affected_dates")
    if "candidate_versions(" in text:
        names.add("affected_keys")
    if "ref('stg_' ~" in text:
        names |= {"stg_contacts", "stg_dispatches", "stg_ratings"}
    return names & {other.stem for other in MODELS}


def test_sources_are_read_by_staging_by_lists_of_what_is_affected_and_by_quality() -> None:
    for model in MODELS:
        if folder(model) not in ("staging", "affected", "quality"):
            assert not re.search(r"\bsource\(", model.read_text(encoding="utf-8")), model.name


def test_no_model_reads_a_mart() -> None:
    marts = {model.stem for model in MODELS if folder(model) == "marts"}
    assert {model.stem: names for model in MODELS if (names := read_by(model) & marts)} == {}


def test_no_chain_of_models_is_longer_than_eight() -> None:
    by_name = {model.stem: model for model in MODELS}

    @cache
    def chain(name: str) -> tuple[str, ...]:
        before = [chain(other) for other in read_by(by_name[name])]
        return (*max(before, key=len, default=()), name)

    longest = max((chain(name) for name in by_name), key=len)
    assert len(longest) <= 8, " → ".join(longest)


def test_models_that_read_seeds_alone_are_known_to_the_daily_build() -> None:
    by_name = {model.stem: model for model in MODELS}

    @cache
    def reads_data(name: str) -> bool:
        text = by_name[name].read_text(encoding="utf-8")
        if re.search(r"\bsource\(", text):
            return True
        return any(reads_data(other) for other in read_by(by_name[name]))

    tagged = {m.stem for m in MODELS if "tags=['rules']" in m.read_text(encoding="utf-8")}
    assert tagged == {name for name in by_name if not reads_data(name)}


def test_what_grows_with_history_is_tested_where_a_build_writes() -> None:
    """A model of contacts that is kept or shown, not made again, names what affects its rows."""
    kept = re.compile(r"materialized='(incremental|view)'")
    for model in MODELS:
        text = model.read_text(encoding="utf-8")
        if folder(model) in ("core", "monthly") and kept.search(text):
            assert "affected_by" in text, model.name


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
