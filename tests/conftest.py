"""Shared fixtures: an empty home, and small invented extracts to put into it."""

import csv
import io
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.files import atomic_write
from pipelines.settings import DBT_PROJECT, Settings
from pipelines.warehouse import dbt

DAY = date(2021, 3, 1)

# The key columns of a well-formed contact; a test overrides what it is about.
CONTACT = {
    "contact_id": "C1",
    "received_at": "2021-03-01 08:00:00",
    "order_type": "appeal",
    "channel_code": "phone",
    "caller_id": "invented-caller-1",
    "problem_code": "020101",
    "district_code": "110101",
    "street_code": "110101001",
    "community": "",
    "point": "",
    "title": "路灯不亮",
    "content": "路灯不亮",
    "exclusion": "",
    "updated_at": "2021-03-01 08:00:00",
}


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that the processes of a test run share; what is made in it needs a lock."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session", autouse=True)
def parsed_once(shared_folder: Path) -> Iterator[None]:
    """A new home begins with what dbt has parsed in another: to parse again takes 5 s each time.

    dbt does so on its own where the path of the warehouse stays the same, as it does in real life.
    """

    def try_dbt(
        settings: Settings, command: Sequence[str], project: Path, *rest: Any, **options: Any
    ) -> tuple[Any, list[Any]]:
        from dbt.adapters.duckdb.credentials import DuckDBCredentials

        own = settings.logs / "dbt_target" / "partial_parse.msgpack"
        shared = shared_folder / f"parsed_{settings.source}.msgpack"
        if project != DBT_PROJECT:
            return original(settings, command, project, *rest, **options)
        if shared.exists() and not own.exists():
            own.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(shared, own)
        keys = DuckDBCredentials._connection_keys
        with pytest.MonkeyPatch.context() as patch:
            # A change of one of these makes dbt parse again; the path is left out.
            patch.setattr(
                DuckDBCredentials,
                "_connection_keys",
                lambda self: tuple(key for key in keys(self) if key != "path"),
            )
            done = original(settings, command, project, *rest, **options)
        if own.exists() and not shared.exists():
            with atomic_write(shared) as written:
                shutil.copy(own, written)
        return done

    original = dbt.try_dbt
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dbt, "try_dbt", try_dbt)
        yield


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty home with an invented caller key."""
    return Settings(home=tmp_path / "home", caller_key="a key for tests")


@pytest.fixture
def deliver(settings: Settings) -> Callable[..., Path]:
    """Puts bytes or text into the landing folder as the contacts extract of a day."""

    def put(content: str | bytes, day: date = DAY, suffix: str = ".csv") -> Path:
        path = settings.landing / "contacts" / f"contacts_{day:%Y%m%d}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put


def contacts_csv(*rows: dict[str, str], header: Sequence[str] | None = None) -> str:
    """A contacts extract with one line per row; each row overrides CONTACT."""
    columns = list(CONTACT)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header or columns)
    for row in rows:
        writer.writerow([(CONTACT | row)[column] for column in columns])
    return buffer.getvalue()


def rows(query: str, *parameters: object) -> list[tuple[Any, ...]]:
    """All rows of a query, on a connection of its own."""
    with duckdb.connect() as con:
        return con.execute(query, list(parameters)).fetchall()
