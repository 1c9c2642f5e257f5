"""Landing → raw zone and quarantine."""

from pipelines.load.result import LoadResult
from pipelines.load.run import load_range, unread_files

__all__ = ["LoadResult", "load_range", "unread_files"]
