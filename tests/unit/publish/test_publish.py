"""Versions, the pointer and what a published file says about itself, on a small warehouse."""

import errno
import os
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines import __version__
from pipelines.errors import HotlineError
from pipelines.publish import publish, read_publication
from pipelines.settings import CITIES, Settings
from pipelines.warehouse import connect, open_published
from tests.unit.publish.small_warehouse import make_warehouse


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A warehouse that may be published; the smoke queries have tests of their own."""
    monkeypatch.setattr("pipelines.publish.run.smoke_test", lambda *_: None)
    make_warehouse(tmp_path)
    return Settings(home=tmp_path, published_versions_kept=1)


def refuse(monkeypatch: pytest.MonkeyPatch, *methods: str, number: int = errno.EOPNOTSUPP) -> None:
    """Lets methods of `Path` fail as they do on a share without links."""

    def fail(self: Path, *_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number), str(self))

    for method in methods:
        monkeypatch.setattr(Path, method, fail)


def files(settings: Settings) -> list[str]:
    """Everything in the folder of published files."""
    folder = settings.published.parent
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir())


def version(path: Path) -> str:
    """What a reader that knows nothing but a path finds in the file."""
    with duckdb.connect(str(path), read_only=True) as con:
        return str(con.execute("select version from quality.publication").fetchall()[0][0])


def test_a_published_file_says_which_version_it_is(settings: Settings) -> None:
    assert publish(settings).tables["quality.publication"] == 1
    found = read_publication(settings)
    assert found is not None
    assert (found.version, found.data_through, found.newest_contact_on, found.raw_fingerprint) == (
        ("v000001", date(2021, 3, 18), date(2021, 3, 18), "f1")
    )
    assert found.product_version == __version__
    assert found.text_masks == "CN"
    with open_published(settings) as con:
        comments = con.execute(
            "select comment from duckdb_tables() where table_name = 'publication' union all "
            "select comment from duckdb_columns() where table_name = 'publication'"
        ).fetchall()
    assert len(comments) == 8
    assert all(comment for (comment,) in comments)


def test_a_published_file_says_what_risk_its_city_accepts(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = (CITIES / "beijing/contracts/contacts.yml").read_text(encoding="utf-8")
    contract = contract.replace("source: beijing", "source: town\npublish_text: accept_risk")
    file = tmp_path / "cities" / "town" / "contacts.yml"
    file.parent.mkdir(parents=True)
    file.write_text(contract.replace("Asia/Shanghai", "Asia/Tokyo"), encoding="utf-8")
    monkeypatch.setenv("HOTLINE_CITIES", str(tmp_path / "cities"))
    publish(replace(settings, source="town"))
    found = read_publication(settings)
    assert found is not None
    assert found.text_masks == "accept_risk"


def test_a_view_is_published_as_a_table_with_its_comments(settings: Settings) -> None:
    assert publish(settings).tables["marts.dim_days"] == 3
    with open_published(settings) as con:
        assert con.execute("select count(*) from duckdb_views() where not internal").fetchall() == [
            (0,)
        ]
        assert con.execute(
            "select comment from duckdb_tables() where table_name = 'dim_days' union all "
            "select comment from duckdb_columns() where table_name = 'dim_days'"
        ).fetchall() == [("It's one row per day.",), ("The day.",)]


def test_an_old_version_that_cannot_be_deleted_is_a_warning_and_tried_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, delete = settings.published.parent / "versions" / "v000001", shutil.rmtree

    def rmtree(path: Path, *arguments: Any, **options: Any) -> None:
        if path == held:
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), str(path))
        delete(path, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", rmtree)
        results = [publish(settings) for _ in range(4)]
    assert [len(result.warnings) for result in results] == [0, 0, 1, 1]
    assert str(held) in results[2].warnings[0]
    assert "tries again" in results[2].warnings[0]
    assert version(settings.published) == "v000004"
    assert sorted(p.name for p in held.parent.iterdir()) == ["v000001", "v000003", "v000004"]

    assert publish(settings).warnings == ()
    assert sorted(p.name for p in held.parent.iterdir()) == ["v000004", "v000005"]


@pytest.mark.parametrize(
    "missing", [[], ["symlink_to"], ["symlink_to", "hardlink_to"]], ids=["links", "hard", "none"]
)
@pytest.mark.parametrize("number", [errno.EOPNOTSUPP, errno.EPERM])
def test_a_file_system_without_links_has_a_pointer_all_the_same(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, missing: list[str], number: int
) -> None:
    refuse(monkeypatch, *missing, number=number)
    for expected in ("v000001", "v000002", "v000003"):
        assert publish(settings).version == expected
        assert version(settings.published) == expected
        with open_published(settings) as con:
            assert con.execute("select contact_id from marts.fct_appeals").fetchall() == [("C1",)]
    assert settings.published.is_symlink() == (not missing)
    assert not settings.published.stat().st_mode & 0o222
    assert files(settings) == ["hotline.duckdb"] + [
        f"versions/v00000{number}/hotline.duckdb" for number in (2, 3)
    ]


def test_a_pointer_that_cannot_be_moved_leaves_nothing_behind(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(settings)
    before = files(settings)
    for _ in range(2):
        with monkeypatch.context() as patch:
            refuse(patch, "replace", number=errno.EBUSY)
            with pytest.raises(HotlineError, match="published file is unchanged"):
                publish(settings)
        assert files(settings) == before
        assert version(settings.published) == "v000001"
    assert publish(settings).version == "v000002"


def test_whoever_has_mounted_the_pointer_as_a_file_sees_in_it_that_it_is_old(
    settings: Settings,
) -> None:
    publish(settings)
    mounted = settings.published.resolve()  # a container is given the file, not its path
    publish(settings)
    assert (version(mounted), version(settings.published)) == ("v000001", "v000002")


def test_an_older_file_says_nothing_and_none_is_an_error(settings: Settings) -> None:
    with pytest.raises(HotlineError, match="no published file"):
        read_publication(settings)
    settings.published.parent.mkdir()
    with duckdb.connect(str(settings.published)) as con:
        con.execute("create table t as select 1 as one")
    assert read_publication(settings) is None


def test_a_closing_shows_its_period_once_that_has_begun(settings: Settings) -> None:
    query = "select closing_period from marts.fct_dispatches"
    publish(settings)
    with open_published(settings) as con:
        assert con.execute(query).fetchall() == [(None,)]
    with connect(settings, read_only=False) as con:
        con.execute("insert into marts.dim_periods values ('2021-04')")
    assert publish(settings).continues == "v000001"
    with open_published(settings) as con:
        assert con.execute(query).fetchall() == [("2021-04",)]


def test_a_damaged_last_version_is_not_continued(settings: Settings) -> None:
    file = publish(settings).path
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:5000])
    result = publish(settings)
    assert result.continues is None
    assert version(settings.published) == "v000002"


def test_a_warehouse_of_an_older_program_is_published_whole(settings: Settings) -> None:
    with connect(settings, read_only=False) as con:
        con.execute("drop table ops.unpublished_contacts")
    assert [publish(settings).continues for _ in range(2)] == [None, None]


def test_a_version_that_cannot_be_recorded_is_published_all_the_same(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise HotlineError("the warehouse is open in another program")

    monkeypatch.setattr("pipelines.publish.run.record_published", fail)
    publish(settings)
    assert version(settings.published) == "v000001"
    monkeypatch.undo()
    monkeypatch.setattr("pipelines.publish.run.smoke_test", lambda *_: None)
    assert publish(settings).continues is None
