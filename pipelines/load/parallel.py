"""Loads many files by several processes, a group of days each: one alone keeps one core busy."""

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from pathlib import Path

from pipelines.contracts import SourceContract, contracts_of
from pipelines.engine import share_of
from pipelines.errors import HotlineError
from pipelines.load.landing import LandingFile
from pipelines.load.loader import MOST_BYTES, MOST_FILES, Loader, load_engine
from pipelines.load.result import LoadResult
from pipelines.progress import Progress
from pipelines.settings import Settings

Work = Sequence[tuple[SourceContract, Sequence[LandingFile]]]
# Of all files together: a process takes a second to start.
_WORTH_BYTES = 64_000_000


def processes_for(settings: Settings, work: Work) -> int:
    """How many processes to load these files with."""
    size = sum(_bytes(file.path) for _, files in work for file in files)
    shares = len(list(_shares(work)))
    return min(settings.threads or os.cpu_count() or 1, shares) if size > _WORTH_BYTES else 1


def load_side_by_side(
    settings: Settings, work: Work, processes: int, progress: Progress | None = None
) -> list[LoadResult]:
    """Loads files by several processes.

    Args:
        settings: Where the data is.
        work: The files of each contract.
        processes: How many.
        progress: Called with file name, files done and files in all.

    Raises:
        HotlineError: The first file that cannot be loaded, after the groups that had begun.
    """
    total = sum(len(files) for _, files in work)
    part = share_of(settings, processes)
    results: list[LoadResult] = []
    with _pool(processes) as pool:
        futures = [pool.submit(_load, part, feed, files) for feed, files in _shares(work)]
        for future in as_completed(futures):
            if future.cancelled():
                continue
            if future.exception():
                for other in futures:
                    other.cancel()
                continue
            for result in future.result():
                results.append(result)
                if progress:
                    progress(result.source_file, len(results), total)
    for future in futures:
        if not future.cancelled():
            _raise(future.exception())
    return results


def _raise(error: BaseException | None) -> None:
    if isinstance(error, BrokenProcessPool):
        raise HotlineError(
            "A process of the load was ended from outside, perhaps for lack of memory. Every day "
            "is loaded or as it was before. Run the load again, with HOTLINE_THREADS=1 if it "
            "happens again."
        ) from None
    if error:
        raise error


def _shares(work: Work) -> Iterator[tuple[str, list[LandingFile]]]:
    """The files of one contract that fit into a batch, in their order."""
    for source, files in work:
        share: list[LandingFile] = []
        size = 0
        for file in files:
            share.append(file)
            size += _bytes(file.path)
            if size > MOST_BYTES or len(share) == MOST_FILES:
                yield source.contract.feed, share
                share, size = [], 0
        if share:
            yield source.contract.feed, share


def _bytes(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _load(settings: Settings, feed: str, files: Sequence[LandingFile]) -> list[LoadResult]:
    with load_engine(settings) as con:
        loader = Loader(con, settings, len(files))
        loader.load(contracts_of(settings.source)[feed], files)
        return list(loader.results.values())


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    # Not by a fork: DuckDB may have threads in this process, which a fork does not take along.
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_begin)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """A process leaves Ctrl-C to its parent, and does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def follow() -> None:
        if parent := parent_process():
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
