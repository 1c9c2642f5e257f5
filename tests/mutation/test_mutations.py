"""The list of mutations cannot rot: each still applies, and the tests it names exist."""

import re
from pathlib import Path

import pytest
import yaml

from pipelines.settings import DBT_PROJECT
from tests.mutation.mutation_check import Mutation, Outcome, load_mutations, main

MUTATIONS = load_mutations()


def unit_tests() -> list[str]:
    """Names of the dbt unit tests."""
    files = (DBT_PROJECT / "models").rglob("*.yml")
    described = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    return [test["name"] for file in described for test in file.get("unit_tests", [])]


UNIT_TESTS = unit_tests()
DATA_TESTS = {file.stem for file in (DBT_PROJECT / "tests").rglob("*.sql")}


def test_there_are_enough_and_no_name_or_rule_is_repeated() -> None:
    assert len(MUTATIONS) >= 16
    for attribute in ("name", "rule"):
        values = [getattr(mutation, attribute) for mutation in MUTATIONS]
        assert sorted(values) == sorted(set(values))
    assert len(UNIT_TESTS) == len(set(UNIT_TESTS))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_applies_and_names_tests_that_exist(mutation: Mutation) -> None:
    before = (DBT_PROJECT / mutation.file).read_text(encoding="utf-8")
    assert mutation.apply(DBT_PROJECT) != before
    assert re.fullmatch(r"[a-z0-9_]+", mutation.name)
    assert mutation.named_tests
    assert set(mutation.unit_tests) <= set(UNIT_TESTS)
    assert set(mutation.data_tests) <= DATA_TESTS
    if mutation.data_tests:
        assert mutation.file.startswith("models/"), "only a model can be built again"


@pytest.mark.parametrize("text", ["select 2\n", "select 1, 1\n"])
def test_a_text_that_does_not_occur_exactly_once_does_not_apply(tmp_path: Path, text: str) -> None:
    (tmp_path / "model.sql").write_text(text, encoding="utf-8")
    mutation = Mutation("name", "Rule.", "model.sql", "1", "3", "broken", ["test"])
    with pytest.raises(ValueError, match=r"occurs \d times in model.sql, not once"):
        mutation.apply(tmp_path)


@pytest.mark.parametrize(
    ("trouble", "status", "said"),
    [(None, 0, "| a_test |"), ("survived: a_test did not fail", 1, "**survived: a_test")],
)
def test_a_survivor_fails_the_run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    trouble: str | None,
    status: int,
    said: str,
) -> None:
    # What dbt does is tried by the run itself; here, what is made of it.
    def outcome(workshop: object, mutation: Mutation) -> Outcome:
        return Outcome(mutation, ["a_test"], trouble)

    monkeypatch.setattr("tests.mutation.mutation_check.Workshop.prepare", lambda *_: None)
    monkeypatch.setattr("tests.mutation.mutation_check.Workshop.try_out", outcome)
    monkeypatch.setattr("sys.argv", ["mutation_check", "--only", MUTATIONS[0].name])
    assert main() == status
    assert said in capsys.readouterr().out


def test_help_shows_an_example(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["mutation_check", "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert "make mutate ONLY=exactly_due" in capsys.readouterr().out
