"""Landing → raw zone and quarantine."""

from pipelines.load.run import LoadResult, load_range, unread_files

__all__ = ["LoadResult", "load_range", "unread_files"]
