"""Loads many files by several processes, a group of days each: one alone keeps one core busy."""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from subprocess import PIPE

from pipelines.contracts import SourceContract
from pipelines.engine import cores, share_of
from pipelines.errors import HotlineError
from pipelines.load.landing import LandingFile
from pipelines.load.loader import MOST_BYTES, MOST_FILES
from pipelines.load.result import LoadResult
from pipelines.load.worker import Job
from pipelines.progress import Progress
from pipelines.settings import PROJECT_ROOT, Settings

Worker = subprocess.Popen[bytes]
Work = Sequence[tuple[SourceContract, Sequence[LandingFile]]]
# Not `-m`: the package is imported before the module could become the main one.
WORKER = "from pipelines.load.worker import main; main()"
# Of all files together: a process takes a second to start.
_WORTH_BYTES = 64_000_000


def processes_for(settings: Settings, work: Work) -> int:
    """How many processes to load these files with."""
    size = sum(_bytes(file.path) for _, files in work for file in files)
    groups = len(list(_groups(work)))
    return min(cores(settings), groups) if size > _WORTH_BYTES else 1


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
    with _workers(processes) as idle, ThreadPoolExecutor(processes) as pool:
        jobs = [Job(part, feed, files) for feed, files in _groups(work)]
        futures = [pool.submit(_do, job, idle) for job in jobs]
        try:
            for future in as_completed(futures):
                if future.cancelled():
                    continue
                if future.exception():
                    _cancel(futures)
                    continue
                for result in future.result():
                    results.append(result)
                    if progress:
                        progress(result.source_file, len(results), total)
        finally:
            _cancel(futures)
    for future in futures:
        if not future.cancelled() and (error := future.exception()):
            raise error
    return results


def _cancel(futures: Sequence["Future[list[LoadResult]]"]) -> None:
    for future in futures:
        future.cancel()


@contextmanager
def _workers(number: int) -> Iterator[SimpleQueue[Worker]]:
    """Processes that wait for jobs; they end with the block."""
    command = [sys.executable, "-c", WORKER]
    env = os.environ | {"PYTHONPATH": str(PROJECT_ROOT)}
    idle: SimpleQueue[Worker] = SimpleQueue()
    with ExitStack() as stack:
        for _ in range(number):
            worker = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, env=env)
            stack.callback(_end, worker)
            idle.put(worker)
        yield idle


def _end(worker: Worker) -> None:
    with suppress(BrokenPipeError), worker:
        pass  # Its input is closed, and it is waited for.


def _do(job: Job, idle: SimpleQueue[Worker]) -> list[LoadResult]:
    """Lets one of the processes do a job."""
    worker = idle.get()
    answer: list[LoadResult] | Exception
    try:
        if worker.stdin and worker.stdout:
            pickle.dump(job, worker.stdin)
            worker.stdin.flush()
            answer = pickle.load(worker.stdout)
    except (BrokenPipeError, EOFError, pickle.UnpicklingError):
        raise HotlineError(
            "A process of the load was ended from outside, perhaps for lack of memory. Every day "
            "is loaded or as it was before. Run the load again, with HOTLINE_THREADS=1 if it "
            "happens again."
        ) from None
    finally:
        idle.put(worker)
    if isinstance(answer, Exception):
        raise answer
    return answer


def _groups(work: Work) -> Iterator[tuple[str, list[LandingFile]]]:
    """The files of one contract that fit into a batch, in their order."""
    for source, files in work:
        group: list[LandingFile] = []
        size = 0
        for file in files:
            group.append(file)
            size += _bytes(file.path)
            if size > MOST_BYTES or len(group) == MOST_FILES:
                yield source.contract.feed, group
                group, size = [], 0
        if group:
            yield source.contract.feed, group


def _bytes(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
