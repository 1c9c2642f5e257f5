"""Readers get a read-only file per version, described, in a format that older clients open."""

import re
import stat
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import HotlineError
from pipelines.publish import publish
from pipelines.published import published_tables
from pipelines.settings import Settings
from pipelines.warehouse import connect


def test_every_contract_table_is_published_and_described(
    published: duckdb.DuckDBPyConnection,
) -> None:
    tables = dict(
        published.execute(
            "select schema_name || '.' || table_name, comment from duckdb_tables()"
        ).fetchall()
    )
    assert set(tables) == {table.full_name for table in published_tables()}
    assert all(tables.values())
    undescribed = published.execute(
        "select table_name, column_name from duckdb_columns() "
        "where not internal and schema_name in ('marts', 'quality') and comment is null"
    ).fetchall()
    assert undescribed == []


def test_the_file_has_the_promised_storage_format(published: duckdb.DuckDBPyConnection) -> None:
    tags = published.execute(
        "select tags['storage_version'] from duckdb_databases() where not internal"
    ).fetchall()
    assert tags[0][0].startswith("v1.2.0")


def test_the_file_cannot_be_written(copied: Settings) -> None:
    mode = copied.published.resolve().stat().st_mode
    assert not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)


def test_a_reader_keeps_its_version_while_the_pointer_moves(copied: Settings) -> None:
    before = copied.published.readlink()
    with duckdb.connect(str(copied.published), read_only=True) as reader:
        rows = reader.execute("select count(*) from marts.fct_appeals").fetchall()
        result = publish(copied)
        assert reader.execute("select count(*) from marts.fct_appeals").fetchall() == rows
    assert copied.published.readlink() != before
    assert copied.published.resolve() == result.path.resolve()


def test_the_last_versions_stay(copied: Settings) -> None:
    keep_one = Settings(home=copied.home, caller_key=copied.caller_key, published_versions_kept=1)
    for _ in range(3):
        newest = publish(keep_one).version
    versions = sorted(path.name for path in (copied.home / "published" / "versions").iterdir())
    assert len(versions) == 2
    assert versions[-1] == newest


def test_what_a_killed_publish_left_is_cleared(copied: Settings) -> None:
    leftover = copied.home / "published" / "versions" / ".v999999.tmp"
    leftover.mkdir()
    publish(copied)
    assert not leftover.exists()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("drop view marts.fct_ratings", "lacks marts.fct_ratings"),
        ("comment on view marts.dim_problems is null", "every table is described"),
        ("alter table marts.rpt_callers add column caller_id varchar", "personal values"),
        ("insert into ops.changed_partitions values ('contacts', '2021-01-01')", "no finished"),
        (
            "update quality.validations set is_passed = false "
            "where check_id = 'fct_appeals_not_lost'",
            "The gate on marts has errors: fct_appeals_not_lost",
        ),
        ("delete from quality.validations where gate = 'marts'", "not been checked"),
        ("update ops.built set built_at = built_at + interval 1 day", "not been checked"),
    ],
)
def test_a_bad_version_never_becomes_current(copied: Settings, damage: str, words: str) -> None:
    before = copied.published.readlink()
    with connect(copied, read_only=False) as con:
        con.execute(damage)
    with pytest.raises(HotlineError, match=words) as refused:
        publish(copied)
    assert re.search("published file .*unchanged", str(refused.value))
    assert copied.published.readlink() == before
    assert not list(Path(copied.home, "published", "versions").glob(".*"))


def test_publishing_before_any_build_says_what_to_run(settings: Settings) -> None:
    with pytest.raises(HotlineError, match="hotline build"):
        publish(settings)
