"""Landing → raw zone and quarantine."""

from pipelines.load.run import LoadResult, load_range

__all__ = ["LoadResult", "load_range"]
