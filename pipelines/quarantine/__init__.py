"""Lines that could not be read: listed, exported for correction, and loaded again."""

from pipelines.quarantine.export import ExportResult, export
from pipelines.quarantine.listing import list_days, list_reasons, list_units, obsolete_corrections
from pipelines.quarantine.replay import ReplayResult, replay

__all__ = [
    "ExportResult",
    "ReplayResult",
    "export",
    "list_days",
    "list_reasons",
    "list_units",
    "obsolete_corrections",
    "replay",
]
