"""The only place that opens DuckDB files or calls dbt."""

from pipelines.warehouse.build import BuildResult, build, run_all_tests
from pipelines.warehouse.connection import (
    connect,
    count_rows,
    file_error,
    open_published,
    table_exists,
    writer_lock,
)
from pipelines.warehouse.dbt import NodeResult
from pipelines.warehouse.gates import require_finished, require_passed
from pipelines.warehouse.pending import first_pending_day

__all__ = [
    "BuildResult",
    "NodeResult",
    "build",
    "connect",
    "count_rows",
    "file_error",
    "first_pending_day",
    "open_published",
    "require_finished",
    "require_passed",
    "run_all_tests",
    "table_exists",
    "writer_lock",
]
