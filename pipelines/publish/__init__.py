"""Warehouse → read-only published file, one per version, and a pointer."""

from pipelines.publish.run import PublishResult, publish

__all__ = ["PublishResult", "publish"]
