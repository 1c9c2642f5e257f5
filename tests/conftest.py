"""Shared fixtures: an empty home, and small invented extracts to put into it."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.settings import Settings

DAY = date(2021, 3, 1)

# Started first, in this order: begun last, one of them would leave a processor idle for minutes.
# Neighbours wait for nothing that the other makes.
LONGEST = (
    "test_history.py",
    "test_sequences_1.py",
    "test_kill.py",
    "test_sequences_2.py",
    "test_golden_day.py",
    "test_airflow_run.py",
    "test_runbooks.py",
    "test_oracle.py",
    "test_incremental.py",
    "test_redelivery.py",
    "test_it_can_fail.py",
)

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; the order inside a file stays."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONGEST)))


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
