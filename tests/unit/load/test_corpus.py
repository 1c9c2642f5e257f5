"""Every bad extract of the corpus has the outcome that its table states, to the line."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines import policy
from pipelines.contracts import contracts_of
from pipelines.errors import HotlineError
from pipelines.load import LoadResult, load_range
from pipelines.load.landing import unclaimed_files
from pipelines.load.store import quarantine_file, raw_file
from pipelines.settings import Settings
from tests.fixtures.extracts import make, tables
from tests.unit.load.corpus import (
    CONTRACTS,
    EXTRACTS,
    Case,
    cases,
    deliver,
    deliver_before,
    policy_changes,
    stored_files,
)

CASES = cases()
LOADED = [case for case in CASES if case.outcome != "refused"]
REFUSED = [case for case in CASES if case.outcome == "refused"]
MADE = make.deterministic()
# Texts of the corpus that name a caller or say what a caller said: never part of a sentence.
PERSONAL = ("invented-caller", "路灯不亮", "水管")

# Most files of the corpus are from before the source had these columns: noted, and not listed.
NEWER = {
    f"optional column {name} is missing: its default or nothing is taken"
    for name in ("point", "is_part_resolved")
}

HomeOf = Callable[[Case], Settings]


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], Path]]:
    """Homes in which the first delivery of the day is loaded; filled as they are asked for."""
    yield {("", ""): tmp_path_factory.mktemp("homes")}


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """One connection to look at what was loaded."""
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture
def home_of(
    homes: dict[tuple[str, str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[HomeOf]:
    """A home of its own for a case: a good file stands loaded, and the file of the case lands."""

    def prepare(case: Case) -> Settings:
        if case.source != "beijing":
            monkeypatch.setenv("HOTLINE_CITIES", str(CONTRACTS))
        key = (case.source, case.feed)
        if key not in homes:
            homes[key] = homes["", ""] / "-".join(key)
            first = Settings(homes[key], case.source, caller_key="a key for tests")
            deliver_before(first, *key)
            load_range(first, feeds=[case.feed])
        settings = Settings(tmp_path / "home", case.source, caller_key="a key for tests")
        shutil.copytree(homes[key], settings.home)
        deliver(settings, case)
        _change_policy(policy_changes(case), tmp_path / "policy.csv", monkeypatch)
        return settings

    yield prepare
    monkeypatch.undo()


def _change_policy(changes: dict[str, str], copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if changes:
        models, operations = policy.PARAMETERS
        text = operations.read_text(encoding="utf-8")
        for code, value in changes.items():
            text += f"{code},beijing,{value},MB,2000-01-01,invented for simulation,,\n"
        copy.write_text(text, encoding="utf-8")
        monkeypatch.setattr(policy, "PARAMETERS", (models, copy))


def load(settings: Settings, case: Case) -> LoadResult:
    (result,) = load_range(settings, case.extract_date, case.extract_date, [case.feed])
    return result


@pytest.mark.parametrize("case", LOADED, ids=lambda case: case.name)
def test_every_line_of_the_file_is_accounted_for(
    case: Case, home_of: HomeOf, con: duckdb.DuckDBPyConnection
) -> None:
    settings = home_of(case)
    result = load(settings, case)
    assert result.outcome == "loaded"
    assert result.source_file == f"{case.feed}/{case.landing_name}"
    counts = (result.lines_read, result.accepted, result.quarantined, result.duplicates)
    assert counts == case.counts
    assert result.lines_read == result.accepted + result.quarantined + result.duplicates
    raw = raw_file(settings, case.feed, case.extract_date)
    assert con.execute(f"select count(*) from '{raw}'").fetchall() == [(result.accepted,)]
    assert _reasons(con, settings, case) == _stated_reasons(case)
    for line, column, value in case.all_values:
        query = f"select cast({column} as varchar) from '{raw}' where _source_line = $1"
        assert con.execute(query, [line]).fetchall() == [(value,)], f"line {line}, {column}"
    _check_notes(case, result)


def _check_notes(case: Case, result: LoadResult) -> None:
    notes = [note for note in result.notes if note not in NEWER]
    assert bool(notes) == bool(case.all_words)
    text = " ".join(notes)
    assert [word for word in case.all_words if word not in text] == []
    assert [word for word in PERSONAL if word in text] == []


def _reasons(con: duckdb.DuckDBPyConnection, settings: Settings, case: Case) -> Counter[str]:
    file = quarantine_file(settings, case.feed, case.extract_date)
    if not file.exists():
        return Counter()
    found = con.execute(
        f"select _source_line, coalesce(column_name, ''), reason from '{file}'"
    ).fetchall()
    if case.reasons.startswith("@"):
        return Counter(f"{column}:{reason}" for _, column, reason in found)
    return Counter(f"{line}:{column}:{reason}" for line, column, reason in found)


def _stated_reasons(case: Case) -> Counter[str]:
    if case.reasons.startswith("@"):
        count, reason = case.reasons[1:].split()
        return Counter({reason: int(count)})
    return Counter(case.reasons.split())


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_a_refused_file_changes_nothing_and_says_why(case: Case, home_of: HomeOf) -> None:
    settings = home_of(case)
    before = stored_files(settings)
    assert before
    with pytest.raises(HotlineError) as refused:
        load(settings, case)
    sentence = str(refused.value)
    assert [word for word in case.all_words if word not in sentence] == []
    assert [word for word in PERSONAL if word in sentence] == []
    assert "Nothing was loaded" in sentence
    assert sentence.isprintable()
    assert stored_files(settings) == before
    if "unclaimed" in case.setup.split():
        contracts = [source.contract for source in contracts_of(case.source).values()]
        assert f"{case.feed}/{case.landing_name}" in unclaimed_files(settings.landing, contracts)


def test_the_table_is_complete() -> None:
    names = [case.name for case in CASES]
    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert len(names) >= 80
    assert {case.outcome for case in CASES} == {"accepted", "noted", "quarantined", "refused"}
    for case in CASES:
        assert case.note.endswith("."), case.name
        assert (case.lines_read == "") == (case.outcome == "refused"), case.name
        assert case.words or case.outcome not in ("refused", "noted"), case.name
        assert not case.words or case.outcome != "accepted", case.name
        if case.outcome != "refused":
            read_, accepted, quarantined, duplicates = case.counts
            assert read_ == accepted + quarantined + duplicates, case.name
            assert (quarantined > 0) == (case.outcome == "quarantined"), case.name


def test_every_file_of_the_corpus_has_its_line_in_the_table() -> None:
    named = {case.file for case in CASES}
    named |= {word.split(":")[1] for case in CASES for word in case.setup.split() if ":" in word}
    kept = {
        path.relative_to(EXTRACTS).as_posix()
        for folder in EXTRACTS.iterdir()
        if folder.is_dir() and folder.name not in ("before", "contracts", "__pycache__")
        for path in folder.iterdir()
    }
    assert kept - named == set()


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_kept_file_is_what_its_recipe_makes(name: str) -> None:
    assert (EXTRACTS / name).read_bytes() == MADE[name]


def test_every_workbook_and_parquet_file_of_a_recipe_is_kept() -> None:
    made = {f"workbooks/{name}.xlsx" for name in tables.workbooks()}
    made |= {f"parquet/{name}.parquet" for name in tables.parquets()}
    assert [name for name in sorted(made) if not (EXTRACTS / name).is_file()] == []
