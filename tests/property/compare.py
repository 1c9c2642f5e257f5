"""Compares published tables with the oracle, column by column, for a handful of rows."""

import math
from collections.abc import Sequence
from typing import Any

import duckdb
import pandas as pd

from tests.property.deliveries import Contact, Dispatch, Rating, Zone
from tests.property.oracle import Oracle


def oracle_of(zone: Zone, unit_types: dict[str, str]) -> Oracle:
    """What the rows in a raw zone say."""
    newest_day = max(day for _, day in zone.extracts)
    return Oracle(
        zone.rows("contacts"),
        zone.rows("dispatches"),
        zone.rows("ratings"),
        (Contact, Dispatch, Rating),
        unit_types,
        pd.Timestamp(newest_day) + pd.Timedelta(days=1),
    )


def unit_types(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Unit types by code, from the code lists."""
    rows = con.execute(
        "select unit_code, unit_type from warehouse.reference.units "
        "union all select street_code, 'street' from warehouse.reference.streets"
    ).fetchall()
    return dict(rows)


def against_oracle(con: duckdb.DuckDBPyConnection, oracle: Oracle) -> tuple[str, int]:
    """All differences as text ('' if none), and how many rows were compared."""
    found, compared = [], 0
    for table, (keys, expected) in oracle.tables().items():
        cursor = con.execute(f"from warehouse.marts.{table}")
        names = [column[0] for column in cursor.description or ()]
        columns = [name for name in names if name in expected.columns]
        published = {
            _key(row, names, keys): dict(zip(names, row, strict=True)) for row in cursor.fetchall()
        }
        wanted = {
            _key(row, columns, keys): dict(zip(columns, row, strict=True))
            for row in expected[columns].itertuples(index=False)
        }
        compared += len(wanted)
        for key in sorted(published.keys() | wanted.keys(), key=repr):
            if key not in published or key not in wanted:
                side = "published" if key in published else "the oracle"
                found.append(f"{table} {key}: a row only in {side}")
                continue
            found += [
                f"{table} {key} {name}: published {published[key][name]!r}, "
                f"oracle {wanted[key][name]!r}"
                for name in columns
                if not _is_same(published[key][name], wanted[key][name])
            ]
    return "\n".join(found), compared


def _key(row: Sequence[Any], names: list[str], keys: list[str]) -> tuple[str, ...]:
    return tuple(str(_plain(row[names.index(key)])) for key in keys)


def _is_same(published: Any, wanted: Any) -> bool:
    one, other = _plain(published), _plain(wanted)
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)


def _plain(value: Any) -> Any:
    """Missing as None, numbers and truths as float, dates and times as one kind of time."""
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, str):
        return value
    if hasattr(value, "year"):
        return pd.Timestamp(value)
    return float(value)
