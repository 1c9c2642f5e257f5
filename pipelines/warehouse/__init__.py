"""The only place that opens DuckDB files or calls dbt."""

from pipelines.warehouse.build import BuildResult, build
from pipelines.warehouse.connection import connect, open_published, writer_lock

__all__ = ["BuildResult", "build", "connect", "open_published", "writer_lock"]
