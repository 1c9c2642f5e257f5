"""Issues of a ranking: when one is made, what it holds, and that it is never touched again."""

from pathlib import Path

import duckdb
import pytest

from pipelines.errors import HotlineError
from pipelines.parquet import read_metadata
from pipelines.settings import Settings
from pipelines.topics import issue_ranking
from pipelines.topics.issue import CURRENT as TABLE
from pipelines.warehouse import writer_lock
from pipelines.warehouse.ranking_issues import VERSION_KEY, ranking_columns

# A build that has finished, and a gate that has let it through since.
FINISHED = (
    "create schema ops",
    "create schema marts",
    "create schema quality",
    "create table ops.built as select timestamp '2021-04-04 06:00:00' as built_at",
    "create table ops.changed_partitions (feed varchar, extract_date date)",
    "create table marts.fct_appeals (contact_id varchar)",
    "create table quality.validations as select 'run1' as run_id, 'marts' as gate, "
    "'a_check' as check_id, 'error' as severity, true as is_passed, "
    "timestamp '2021-04-04 06:01:00' as ran_at",
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A warehouse with two problems in each of two periods."""
    settings = Settings(home=tmp_path)
    columns = ", ".join(
        f'"{name}" {kind}' for name, kind in ranking_columns().items() if name != "issue_no"
    )
    change(
        settings,
        f"create schema {TABLE.split('.')[0]}",
        *FINISHED,
        f"create table {TABLE} ({columns})",
        *(
            f"insert into {TABLE} by name select '{period}' as period, "
            f"'{problem}' as problem_code, {rank} as rank, {score} as score, {volume} as volume, "
            "'f1' as raw_fingerprint, date '2021-04-03' as data_through"
            for period in ("2021-02", "2021-03")
            for problem, rank, score, volume in (("q", 2, 50.0, 4), ("p", 1, 100.0, 9))
        ),
    )
    return settings


def change(settings: Settings, *statements: str) -> None:
    with duckdb.connect(str(settings.warehouse)) as con:
        for statement in statements:
            con.execute(statement)


def issue_file(settings: Settings, number: int) -> Path:
    return settings.rankings / "period=2021-03" / f"issue-{number:03d}.parquet"


def test_the_first_issue_holds_the_ranking_and_the_data_it_was_made_from(settings: Settings):
    result = issue_ranking(settings, "2021-03")

    assert (result.period, result.issue_no, result.is_new, result.rows) == ("2021-03", 1, True, 2)
    with duckdb.connect() as con:
        file = str(issue_file(settings, 1))
        relation = con.sql(f"from read_parquet('{file}', hive_partitioning = false)")
        assert [name.lower() for name in relation.columns] == list(ranking_columns())
        assert [str(kind).lower() for kind in relation.types] == list(ranking_columns().values())
        rows = con.execute(
            "select period, issue_no, problem_code, rank, raw_fingerprint, "
            "cast(data_through as varchar) from read_parquet($1, hive_partitioning = false)",
            [file],
        ).fetchall()
        assert read_metadata(con, [Path(file)])[Path(file)] == {VERSION_KEY: "1"}
    assert rows == [
        ("2021-03", 1, "p", 1, "f1", "2021-04-03"),
        ("2021-03", 1, "q", 2, "f1", "2021-04-03"),
    ]
    assert [file.name for file in issue_file(settings, 1).parent.iterdir()] == [
        "issue-001.parquet"
    ], "nothing is left next to the issue"


@pytest.mark.parametrize(
    "statement",
    [
        f"update {TABLE} set raw_fingerprint = 'f2', data_through = date '2021-04-04'",
        f"update {TABLE} set volume = volume * 2, growth = 0.5",
        f"update {TABLE} set score = 1 where period = '2021-02'",
    ],
    ids=["only the data are newer", "only the evidence changed", "another period changed"],
)
def test_no_new_issue_while_every_rank_and_score_is_unchanged(settings: Settings, statement: str):
    issue_ranking(settings, "2021-03")
    before = issue_file(settings, 1).read_bytes()
    change(settings, statement)

    result = issue_ranking(settings, "2021-03")

    assert (result.issue_no, result.is_new, result.rows) == (1, False, 2)
    assert issue_file(settings, 1).read_bytes() == before
    assert not issue_file(settings, 2).exists()


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        (f"update {TABLE} set score = 50.000000001 where problem_code = 'q'", 2),
        (f"update {TABLE} set rank = 3 - rank", 2),
        (
            f"insert into {TABLE} by name select '2021-03' as period, 'r' as problem_code, "
            "3 as rank, 0.0 as score",
            3,
        ),
        (f"delete from {TABLE} where problem_code = 'q'", 1),
    ],
    ids=["a score changed", "two ranks swapped", "a problem came", "a problem left"],
)
def test_what_changes_makes_the_next_issue_and_leaves_the_first_as_it_was(
    settings: Settings, statement: str, rows: int
):
    issue_ranking(settings, "2021-03")
    before = issue_file(settings, 1).read_bytes()
    change(settings, statement)

    result = issue_ranking(settings, "2021-03")

    assert (result.issue_no, result.is_new, result.rows) == (2, True, rows)
    assert issue_file(settings, 1).read_bytes() == before
    assert issue_ranking(settings, "2021-03").is_new is False, "compared with the latest issue"


def test_the_tenth_issue_follows_the_ninth_and_a_half_written_file_is_none(settings: Settings):
    issue_ranking(settings, "2021-03")
    issue_file(settings, 1).rename(issue_file(settings, 9))
    (issue_file(settings, 1).parent / ".issue-010.parquet.77.tmp").write_bytes(b"half")
    change(settings, f"update {TABLE} set score = 1 where problem_code = 'q'")

    assert issue_ranking(settings, "2021-03").issue_no == 10


@pytest.mark.parametrize("period", ["2021-3", "2021-13", "March", "", "2021-03-01", "../2021-03"])
def test_what_is_no_period_is_refused_with_the_periods_there_are(settings: Settings, period: str):
    with pytest.raises(HotlineError, match=r"not a statistical period.*2021-02, 2021-03\.$"):
        issue_ranking(settings, period)
    assert not settings.rankings.exists()


def test_a_period_without_data_is_refused_with_the_periods_there_are(settings: Settings):
    with pytest.raises(HotlineError, match=r"'2021-04' has no appeals.*2021-02, 2021-03\.$"):
        issue_ranking(settings, "2021-04")


def test_many_periods_are_named_as_a_range(settings: Settings):
    change(
        settings,
        f"insert into {TABLE} by name "
        "select '2022-' || lpad(cast(i as varchar), 2, '0') as period, 'p' as problem_code "
        "from range(1, 13) as months(i)",
    )
    with pytest.raises(HotlineError, match=r"There are 14 periods, 2021-02 to 2022-12"):
        issue_ranking(settings, "2019-01")


def test_an_empty_and_an_unfinished_warehouse_say_what_to_do(settings: Settings):
    change(settings, f"delete from {TABLE}")
    with pytest.raises(HotlineError, match="no period with appeals"):
        issue_ranking(settings, "2021-03")
    change(settings, f"drop table {TABLE}")
    with pytest.raises(HotlineError, match="Run `hotline build`"):
        issue_ranking(settings, "2021-03")
    settings.warehouse.unlink()
    with pytest.raises(HotlineError, match="no warehouse"):
        issue_ranking(settings, "2021-03")


def test_a_damaged_issue_is_named_and_nothing_is_issued(settings: Settings):
    issue_ranking(settings, "2021-03")
    issue_file(settings, 1).write_bytes(b"not parquet")

    with pytest.raises(HotlineError, match=r"issue-001\.parquet cannot be read"):
        issue_ranking(settings, "2021-03")
    assert not issue_file(settings, 2).exists()


def test_a_folder_that_cannot_be_written_is_named(settings: Settings):
    settings.rankings.write_text("a file where the folder should be")
    with pytest.raises(HotlineError, match=r"issue-001\.parquet could not be written: .+"):
        issue_ranking(settings, "2021-03")


def test_only_one_process_issues_at_a_time(settings: Settings):
    with writer_lock(settings, "hotline build"), pytest.raises(HotlineError, match="hotline build"):
        issue_ranking(settings, "2021-03")
    assert issue_ranking(settings, "2021-03").issue_no == 1


@pytest.mark.parametrize(
    "columns",
    ["* exclude (growth)", "*, 7 as a_newer_column", "* replace (cast(rank as integer) as rank)"],
    ids=["an older version", "a newer version", "another type"],
)
def test_an_issue_of_another_version_is_ranked_against(settings: Settings, columns: str):
    issue_ranking(settings, "2021-03")
    file = issue_file(settings, 1)
    issue = duckdb.read_parquet(str(file), hive_partitioning=False)
    issue.project(columns).write_parquet(str(file))

    assert issue_ranking(settings, "2021-03").is_new is False
    change(settings, f"update {TABLE} set rank = 3 - rank")
    assert issue_ranking(settings, "2021-03").issue_no == 2


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("insert into ops.changed_partitions values ('contacts', '2021-04-03')", "no finished"),
        ("update quality.validations set is_passed = false", "has errors: a_check"),
        ("update quality.validations set ran_at = timestamp '2021-04-04 05:59:59'", "not been"),
    ],
)
def test_nothing_is_issued_from_a_warehouse_that_may_not_be_published(
    settings: Settings, statement: str, words: str
):
    change(settings, statement)
    with pytest.raises(HotlineError, match=words):
        issue_ranking(settings, "2021-03")
    assert not settings.rankings.exists()
