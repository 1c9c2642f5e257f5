"""Compares every mart of a replayed build with the oracle, on the rows of a raw zone."""

from collections.abc import Iterator
from dataclasses import fields

import duckdb
import pandas as pd

from tests.oracle.checks import CHECKS
from tests.oracle.compare import Report, expected_tables
from tests.oracle.facts import build_facts
from tests.oracle.feeds import FEEDS, Feed
from tests.oracle.reading import TYPES, Landing
from tests.oracle.rules import Rules
from tests.property.deliveries import FEED_ROWS, Zone

# The oracle counts callers by their number; a raw zone holds a key for each.
ORACLE_NAMES = {"caller_key": "caller_id"}


def against_oracle(con: duckdb.DuckDBPyConnection, zone: Zone, rules: Rules) -> Report:
    """All differences between the marts in `warehouse` and what the rows of the zone say."""
    landing = landing_of(zone)
    facts = build_facts(landing, rules)
    report = Report()
    for table, oracle in expected_tables(landing, rules, facts).items():
        if table.startswith("marts."):
            report.add(CHECKS[table], _built(con, table), oracle)
    return report


def landing_of(zone: Zone) -> Landing:
    """The rows of a raw zone as the oracle reads them from landing files, none of them bad."""
    loads = pd.DataFrame(
        [(feed, pd.Timestamp(day)) for feed, day in zone.extracts], columns=["feed", "extract_date"]
    )
    rows = {name: _typed(feed, zone) for name, feed in FEEDS.items()}
    return Landing(rows, loads, rejects=pd.DataFrame(), refused=[], unread=[])


def _typed(feed: Feed, zone: Zone) -> pd.DataFrame:
    columns = [*feed.kinds, "source_line", "extract_date"]
    frame = pd.DataFrame(_values(feed, zone), columns=columns, dtype=object)
    types = {column: TYPES.get(kind, "object") for column, kind in feed.kinds.items()}
    types |= {"source_line": "int64", "extract_date": TYPES["date"]}
    frame = frame.astype(types)
    if "exclusion" in columns:
        frame["exclusion"] = frame["exclusion"].fillna("none")
    return frame


def _values(feed: Feed, zone: Zone) -> Iterator[list[object]]:
    given = [field.name for field in fields(FEED_ROWS[feed.name])]
    names = [ORACLE_NAMES.get(name, name) for name in given]
    for day, line, row in zone.rows(feed.name):
        values = dict(zip(names, (getattr(row, name) for name in given), strict=True))
        yield [*(values.get(column) for column in feed.kinds), line, day]


def _built(con: duckdb.DuckDBPyConnection, table: str) -> pd.DataFrame:
    return con.execute(f"from warehouse.{table}").df()
