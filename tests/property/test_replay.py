"""What the property test takes for granted: its raw files and its recording are the real thing."""

import csv
from dataclasses import fields
from pathlib import Path
from typing import Any

import duckdb

from pipelines.load import load_range
from pipelines.settings import DBT_PROJECT, Settings
from pipelines.warehouse.raw_views import LOAD_COLUMNS
from tests.property.deliveries import DAYS, FEED_ROWS, Dispatch, Row, Zone
from tests.property.recording import Recording


def deliver(settings: Settings, feed: str, row: Row) -> None:
    """Puts a row into the landing folder as a CSV extract."""
    path = settings.landing / feed / f"{feed}_{DAYS[0]:%Y%m%d}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    values.pop("caller_key", None)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(values))
        writer.writeheader()
        writer.writerow(values)


def test_raw_files_are_like_those_of_the_loader(tmp_path: Path) -> None:
    real = Settings(home=tmp_path / "real", caller_key="a key for tests")
    zone = Zone(tmp_path / "made")
    for feed, row_type in FEED_ROWS.items():
        deliver(real, feed, row_type())
        zone.put(feed, DAYS[0], [row_type()])
    load_range(real)
    for feed in FEED_ROWS:
        *loaded, loaded_metadata = described(real, feed)
        *made, made_metadata = described(zone.settings, feed)
        assert made == loaded
        assert set(LOAD_COLUMNS) & loaded_metadata <= made_metadata <= loaded_metadata


def described(settings: Settings, feed: str) -> tuple[Any, Any, set[str]]:
    """Columns, types, values and the names of the metadata of a raw file."""
    (file,) = (settings.raw / feed).glob("*/part.parquet")
    with duckdb.connect() as con:
        columns = con.execute(f"describe from '{file}'").fetchall()
        shown = [
            name for name, *_ in columns if name not in ("caller_key", "title", "_source_line")
        ]
        rows = con.execute(f"select {', '.join(shown)} from '{file}'").fetchall()
        names = con.execute(
            f"select decode(key) from parquet_kv_metadata('{file}') order by all"
        ).fetchall()
    return columns, rows, {name for (name,) in names}


def test_a_repeated_line_is_kept_once_and_a_day_replaced(tmp_path: Path) -> None:
    zone = Zone(tmp_path / "home")
    zone.put("dispatches", DAYS[0], [Dispatch(), Dispatch(), Dispatch(dispatch_id="d2")])
    zone.put("dispatches", DAYS[1], [Dispatch(status="closed")])
    zone.put("dispatches", DAYS[1], [])
    assert [(day, line, row.key) for day, line, row in zone.rows("dispatches")] == [
        (DAYS[0], 2, "d1"),
        (DAYS[0], 3, "d2"),
    ]


def test_recording_holds_every_model_three_times(recording: Recording) -> None:
    recorded = {node.name for node in recording.nodes}
    for model in (DBT_PROJECT / "models").rglob("*.sql"):
        is_inlined = "materialized='ephemeral'" in model.read_text(encoding="utf-8")
        assert (model.stem in recorded) is not is_inlined, model.stem
    for node in recording.nodes:
        for variant, statements in node.statements.items():
            assert "BEGIN" in statements, (node.name, variant)
            assert "COMMIT" in statements, (node.name, variant)
    incremental = {node.name for node in recording.nodes if node.is_incremental}
    assert incremental <= recording.core()
    assert {"stg_contacts", "core_appeals", "monthly_ratings"} <= incremental
