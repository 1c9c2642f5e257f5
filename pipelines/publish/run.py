"""Publishes the marts: a new read-only file per version, and a pointer that moves to it."""

import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import HotlineError
from pipelines.progress import Progress
from pipelines.publish.pointer import move_pointer, usable_link
from pipelines.publish.smoke import smoke_test
from pipelines.publish.write import Base, find_base, record_published, write_version
from pipelines.settings import Settings
from pipelines.warehouse import connect, file_error, require_finished, require_passed, writer_lock


@dataclass(frozen=True)
class PublishResult:
    """A published version.

    Attributes:
        version: Its name, e.g. `v000012`.
        path: The file of this version; the pointer leads to it.
        tables: Rows by `schema.table`.
        bytes: Size of the file.
        warnings: Sentences about old versions that could not be deleted.
        continues: Name of the version whose bytes it began with; None where it was written whole.
    """

    version: str
    path: Path
    tables: dict[str, int]
    bytes: int
    warnings: tuple[str, ...] = ()
    continues: str | None = None


def publish(settings: Settings, progress: Progress | None = None) -> PublishResult:
    """Writes a new version of the published file, tests it, then moves the pointer.

    Readers that have the old version open keep it; the last few versions are kept.

    Raises:
        HotlineError: There is no finished warehouse, another process writes, or the new file does
            not pass its smoke queries. The pointer is then unchanged.
    """
    with writer_lock(settings, "hotline publish"):
        version = _next_version(settings)
        folder = _versions(settings) / version
        unfinished = _versions(settings) / f".{version}.tmp"
        try:
            link = usable_link(settings.published)
            _clear_leftovers(settings)
            unfinished.mkdir(parents=True)
            file = unfinished / settings.published.name
            tables, base = _write(settings, file, version, progress)
            smoke_test(file, tables)
            file.chmod(0o444)
            unfinished.rename(folder)
            move_pointer(settings.published, folder / file.name, link)
        except (OSError, duckdb.Error, HotlineError) as error:
            for path in (unfinished, folder):
                shutil.rmtree(path, ignore_errors=True)
            if isinstance(error, HotlineError):
                raise
            first = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
            raise HotlineError(
                file_error(settings.published, str(error))
                or f"The new published file could not be written: {first}. The published file is "
                "unchanged. Free space or fix the cause, then run `hotline publish`."
            ) from None
        # Without the record the next version continues an older one, or is written whole.
        with suppress(HotlineError, duckdb.Error), connect(settings, read_only=False) as con:
            record_published(con, version, folder / file.name, base)
        warnings = _delete_old_versions(settings)
    path = folder / settings.published.name
    continues = base.version if base else None
    return PublishResult(version, path, tables, path.stat().st_size, warnings, continues)


def _versions(settings: Settings) -> Path:
    return settings.published.parent / "versions"


def _numbered(settings: Settings) -> list[Path]:
    folders = _versions(settings).glob("v*")
    return sorted(path for path in folders if re.fullmatch(r"v\d{6}", path.name))


def _next_version(settings: Settings) -> str:
    existing = _numbered(settings)
    return f"v{int(existing[-1].name[1:]) + 1 if existing else 1:06d}"


def _write(
    settings: Settings, file: Path, version: str, progress: Progress | None
) -> tuple[dict[str, int], Base | None]:
    if not settings.warehouse.exists():
        raise HotlineError(
            f"There is no warehouse at {settings.warehouse} yet, so there is nothing to publish. "
            "Run `hotline build` (or `hotline run`) first."
        )
    # A connection opened read-only could attach nothing for writing.
    with connect(settings, read_only=False) as con:
        require_finished(con)
        require_passed(con)
        base = find_base(con, settings, _versions(settings))
        return write_version(con, settings, base, file, version, progress)


def _delete_old_versions(settings: Settings) -> tuple[str, ...]:
    """Keeps the current version and the last few before it; the next publication tries again.

    A reader may hold an old version open on a network share, where its folder then cannot be
    removed. That is no reason to fail: the new version is published.
    """
    warnings = []
    for folder in _numbered(settings)[: -(settings.published_versions_kept + 1)]:
        try:
            shutil.rmtree(folder)
        except OSError as error:
            warnings.append(
                f"The old version {folder} could not be deleted: {error.strerror}. A reader may "
                "have it open, or the folder's rights are wrong. The next publication tries again."
            )
    return tuple(warnings)


def _clear_leftovers(settings: Settings) -> None:
    """Removes what a killed run left: a version half written, a pointer not yet moved."""
    for path in _versions(settings).glob(".*.tmp"):
        shutil.rmtree(path)
    for path in settings.published.parent.glob(f".{settings.published.name}.*"):
        path.unlink()
