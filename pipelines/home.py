"""Which source a home holds: the word that the first load leaves in it."""

import json

from pipelines.errors import HotlineError
from pipelines.settings import Settings


def source_of(settings: Settings) -> str | None:
    """The source that a home was loaded from, or None where nothing has been loaded."""
    marker = settings.home / ".source.json"
    try:
        return str(json.loads(marker.read_text(encoding="utf-8"))["source"])
    except (OSError, ValueError, KeyError):
        return None


def check_source(settings: Settings) -> None:
    """Fails on a home with the code lists and contracts of another city.

    Raises:
        HotlineError: The home holds another source.
    """
    owner = source_of(settings)
    if owner not in (None, settings.source):
        raise HotlineError(
            f"{settings.home} holds data of source '{owner}', not '{settings.source}'. Nothing was "
            f"done. Say --source {owner} (or HOTLINE_SOURCE), or use another --home."
        )
