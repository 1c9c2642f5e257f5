"""Puts the calibration files and the reference seeds into DuckDB as tables and variables."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.errors import HotlineError
from pipelines.settings import DBT_PROJECT
from pipelines.sql import literal, literal_list

FOLDER = Path(__file__).parent / "calibration"
REFERENCE = DBT_PROJECT / "seeds" / "reference"
# The published total of contacts ends here; December 2021 continues the trend.
LAST_PUBLISHED_DAY = date(2021, 11, 30)


@dataclass(frozen=True)
class Calibration:
    """The numbers and words of the simulated city, as read from `calibration/`."""

    model: dict[str, Any]
    texts: dict[str, Any]
    headers: dict[str, dict[str, list[Any]]]

    @classmethod
    def read(cls) -> "Calibration":
        """Reads the calibration files of the package."""
        return cls(*(_yaml(name) for name in ("model", "texts", "headers")))

    @property
    def first_day(self) -> date:
        """First day that can be simulated."""
        day: date = self.model["first_day"]
        return day

    @property
    def last_day(self) -> date:
        """Last day that can be simulated."""
        day: date = self.model["last_day"]
        return day


def _yaml(name: str) -> Any:
    return yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))


def set_variable(con: duckdb.DuckDBPyConnection, name: str, value: object) -> None:
    """Sets a DuckDB variable; lists of words become VARCHAR[]."""
    if isinstance(value, list):
        text = literal_list(str(item) for item in value)
    elif isinstance(value, date):
        text = f"date {literal(value)}"
    else:
        text = literal(value) if isinstance(value, str) else repr(value)
    con.execute(f"set variable {name} = {text}")


def _table(
    con: duckdb.DuckDBPyConnection,
    name: str,
    columns: dict[str, str],
    rows: Sequence[dict[str, Any] | Sequence[Any]],
) -> None:
    records = [
        {c: row[c] for c in columns}
        if isinstance(row, dict)
        else dict(zip(columns, row, strict=True))
        for row in rows
    ]
    con.execute(
        f"create table {name} as select unnest(from_json(?, ?), recursive := true)",
        [json.dumps(records, default=str), json.dumps([columns])],
    )


def _csv(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    if not path.is_file():
        raise HotlineError(
            f"The simulator needs {path.parent.name}/{path.name}, which is missing. Nothing was "
            "written. Restore the file from the repository."
        )
    con.execute(
        f"create table {name} as from read_csv(?, all_varchar = true, header = true, delim = ',', "
        "quote = '\"', nullstr = '\x01')",
        [str(path)],
    )


def load_calibration(con: duckdb.DuckDBPyConnection, calibration: Calibration) -> None:
    """Creates one table or variable per part of the calibration, and reads the reference seeds."""
    model = calibration.model
    for name in ("first_day", "last_day", "street_spread", "core_districts", "inner_districts"):
        set_variable(con, name, model[name])
    set_variable(con, "last_published_day", LAST_PUBLISHED_DAY)
    for name, value in model["scalars"].items():
        set_variable(con, name, value)
    _load_tables(con, model)
    texts = calibration.texts
    for name in ("community_names", "reasons_returned", "titles", "contents"):
        set_variable(con, name, texts[name])
    for name, text in texts["planted"].items():
        set_variable(con, f"planted_{name}", text)
    for name, text in texts["points"].items():
        set_variable(con, f"point_{name}", text)
    suffixes = list(texts["community_suffixes"].items())
    con.execute("create table community_suffixes (street_type varchar, suffixes varchar[])")
    con.executemany("insert into community_suffixes values (?, ?)", suffixes)
    for name in ("problem_profiles", "problem_classes", "topics"):
        _csv(con, "topic_list" if name == "topics" else name, FOLDER / f"{name}.csv")
    for name in ("problems", "streets", "street_changes", "units", "districts"):
        _csv(con, f"all_{name}", REFERENCE / f"{name}.csv")


def _load_tables(con: duckdb.DuckDBPyConnection, model: dict[str, Any]) -> None:
    number = "double"
    _table(
        con,
        "years",
        {"year": "integer", "contacts": number, "caller_pool": number}
        | {"ramp_from": number, "ramp_to": number},
        model["years"],
    )
    weekdays = {"day_of_week": "integer", "factor": number}
    _table(con, "weekdays", weekdays, list(enumerate(model["weekdays"])))
    _table(con, "hours", {"hour_no": "integer", "weight": number}, list(enumerate(model["hours"])))
    rates = {"on": "date", "resolution": number, "satisfaction": number, "response": number}
    _table(con, "rates_read", rates, model["rates"])
    con.execute('create table rates as select "on" as on_date, * exclude ("on") from rates_read')
    months = [
        (year, month, factor)
        for year, factors in model["epidemic_months"].items()
        for month, factor in enumerate(factors, 1)
    ]
    _table(
        con, "epidemic_months", {"year": "integer", "month": "integer", "factor": number}, months
    )
    seasons = [(s["prefix"], s["months"], s["factor"], s["else"]) for s in model["seasons"]]
    con.execute(
        "create table seasons (prefix varchar, months integer[], factor double, otherwise double)"
    )
    con.executemany("insert into seasons values (?, ?, ?, ?)", seasons)
    places = {"profile": "varchar", "core": number, "suburb": number, "rural": number}
    _table(con, "places", places | {"spread": number}, model["places"])
    types = {"street_type": "varchar", "factor": number}
    _table(con, "street_types", types, list(model["street_types"].items()))
    sizes = {"district_code": "varchar", "size": number}
    _table(con, "district_sizes", sizes, list(model["district_sizes"].items()))
