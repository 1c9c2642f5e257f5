"""Where cities are: a folder each, in the project or in a place that HOTLINE_CITIES names."""

from pathlib import Path

from pipelines.settings import city_places


def sources() -> list[str]:
    """Names of the cities that have contracts."""
    folders = {folder for place in city_places() if place.is_dir() for folder in place.iterdir()}
    return sorted({folder.name for folder in folders if _contract_files(folder)})


def contract_files(source: str) -> list[Path]:
    """The contracts of a city, sorted by feed; none where the city is not known.

    They are in `<city>/contracts/`, or in `<city>/` itself, where a city has nothing else. Of two
    cities of one name the one in the first place counts, as with programs of one name.
    """
    found = (_contract_files(place / source) for place in city_places())
    return next((files for files in found if files), [])


def _contract_files(folder: Path) -> list[Path]:
    return sorted((folder / "contracts").glob("*.yml")) or sorted(folder.glob("*.yml"))
