"""Warehouse → read-only published file, one per version, and a pointer."""

from pipelines.publish.publication import Publication, read_publication
from pipelines.publish.run import PublishResult, publish

__all__ = ["Publication", "PublishResult", "publish", "read_publication"]
