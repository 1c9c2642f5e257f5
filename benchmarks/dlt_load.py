"""What a team would write with dlt: extracts into DuckDB with a schema contract.

    python benchmarks/dlt_load.py LANDING DATABASE

Runs in an environment of its own. dlt's own reader for CSV files through DuckDB hands Arrow tables
on, its fastest way. All columns are text: a value that is no time, a code that nobody knows and a
repeated line come in as they are, and a file in GB18030 or with a Chinese header must be left out.
"""

import sys
from pathlib import Path

import dlt
from dlt.sources.filesystem import filesystem, read_csv_duckdb

FEEDS = ("contacts", "dispatches", "ratings")
CONTRACT = {"tables": "evolve", "columns": "evolve", "data_type": "freeze"}


def main(landing: str, database: str) -> None:
    """Loads the extracts of the three feeds that dlt can read, each into a table."""
    pipeline = dlt.pipeline("hotline", destination=dlt.destinations.duckdb(database))
    for feed in FEEDS:
        files = filesystem(f"{landing}/{feed}", file_glob="*.csv")
        files.add_filter(lambda item: _is_plain(item.local_file_path))
        reader = read_csv_duckdb(
            use_pyarrow=True, all_varchar=True, chunk_size=100_000, ignore_errors=True
        )
        rows = (files | reader).with_name(feed)
        rows.apply_hints(write_disposition="append", schema_contract=CONTRACT)
        sys.stdout.write(f"{pipeline.run(rows)}\n")


def _is_plain(file: str) -> bool:
    """Whether dlt can read a file: UTF-8, and no Chinese header, whose names become one."""
    try:
        text = Path(file).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return False
    return text.partition("\n")[0].isascii()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
