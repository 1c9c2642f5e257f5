"""Environment in, one frozen `Settings` out. Nothing else in the project reads the environment."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.errors import HotlineError

PROJECT_ROOT = Path(__file__).resolve().parents[1]
DBT_PROJECT = PROJECT_ROOT / "dbt_project"
CITIES = PROJECT_ROOT / "cities"
# DuckDB by itself takes 80 % of the machine, and leaves too little to Airflow and readers.
MEMORY_LIMIT = "25%"


@dataclass(frozen=True)
class Settings:
    """Where the data lives and how it is read.

    Attributes:
        home: Folder of all data; every path below is in it.
        source: Name of the city's source contracts, e.g. `beijing`.
        caller_key: Secret of the keyed hash that replaces caller numbers; None where a source
            delivers no callers.
        published_versions_kept: Published versions that are kept in addition to the current one.
        threads: DuckDB threads per process; None leaves it to DuckDB.
        memory_limit: What DuckDB may hold in memory, such as `8GB`, or a share of the machine's.
    """

    home: Path
    source: str = "beijing"
    caller_key: str | None = field(default=None, repr=False)
    published_versions_kept: int = 5
    threads: int | None = None
    memory_limit: str = MEMORY_LIMIT

    @classmethod
    def from_env(cls, home: Path | None = None, source: str | None = None) -> "Settings":
        """Reads HOTLINE_* variables; arguments win over them.

        Raises:
            HotlineError: A variable that must be a number or an amount of memory is not, or the
                home names a user that does not exist.
        """
        env = os.environ
        return cls(
            home=_folder(home or Path(env.get("HOTLINE_HOME") or "data")),
            source=source or env.get("HOTLINE_SOURCE") or "beijing",
            caller_key=env.get("HOTLINE_CALLER_KEY") or None,
            published_versions_kept=_whole_number("HOTLINE_PUBLISHED_VERSIONS", 5),
            threads=_whole_number("HOTLINE_THREADS", 0) or None,
            memory_limit=_memory("HOTLINE_MEMORY_LIMIT"),
        )

    @property
    def landing(self) -> Path:
        """What was delivered, untouched."""
        return self.home / "landing"

    @property
    def raw(self) -> Path:
        """Typed Parquet, one file per feed and extract day: the store of record."""
        return self.home / "raw"

    @property
    def quarantine(self) -> Path:
        """Lines that could not be read, with the reason."""
        return self.home / "quarantine"

    @property
    def rankings(self) -> Path:
        """Issued rankings, never overwritten."""
        return self.home / "rankings"

    @property
    def warehouse(self) -> Path:
        """The writer's DuckDB file."""
        return self.home / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """Pointer to the current published file."""
        return self.home / "published" / "hotline.duckdb"

    @property
    def reports(self) -> Path:
        """Report pages."""
        return self.home / "reports"

    @property
    def logs(self) -> Path:
        """dbt's logs and artifacts."""
        return self.home / "logs"


def city_places() -> list[Path]:
    """Folders of cities: those that HOTLINE_CITIES names, separated like a path, then ours."""
    named = os.environ.get("HOTLINE_CITIES", "").split(os.pathsep)
    return [*(Path(place).expanduser() for place in named if place), CITIES]


def _whole_number(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit():
        raise HotlineError(f"{name} must be a whole number, not '{text}'. Correct it in .env.")
    if len(text) > 3:
        raise HotlineError(f"{name} must be less than 1000. Correct it in .env.")
    return int(text)


def _memory(name: str) -> str:
    text = os.environ.get(name, "").strip()
    amount, share = r"\d{1,6}(\.\d{1,3})? ?[KMGT]i?B", "[1-9][0-9]?%"
    if text and not re.fullmatch(f"{amount}|{share}", text, re.IGNORECASE):
        raise HotlineError(
            f"{name} must be an amount of memory such as 8GB, or a share of the machine's such as "
            f"50%, not '{text}'. Correct it in .env."
        )
    return text or MEMORY_LIMIT


def _folder(path: Path) -> Path:
    try:
        folder = path.expanduser().resolve()
    except (RuntimeError, OSError):
        raise HotlineError(
            f"{path} does not name a folder: there is no such user, or links lead in a circle. "
            "Correct --home or HOTLINE_HOME."
        ) from None
    if re.search(r"[*?\[\]]", str(folder)):
        raise HotlineError(
            f"{folder} holds one of the characters * ? [ ], which DuckDB would read as a pattern "
            "for many files. Choose another folder with --home or HOTLINE_HOME."
        )
    return folder
