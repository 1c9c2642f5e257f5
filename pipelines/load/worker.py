"""What a process does that loads groups of files for `parallel.py`.

Reads pickled jobs from standard input, and writes what came of each to standard output. The input
stays open as long as there may be another job: at its end the process ends too, so that it never
outlives its parent.
"""

import os
import pickle
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from queue import SimpleQueue

from pipelines.contracts import contracts_of
from pipelines.load.landing import LandingFile
from pipelines.load.loader import Loader, load_engine
from pipelines.load.result import LoadResult
from pipelines.settings import Settings


@dataclass(frozen=True)
class Job:
    """Files of one feed that a process loads."""

    settings: Settings
    feed: str
    files: Sequence[LandingFile]


def load(job: Job) -> list[LoadResult]:
    """Loads the files of a job.

    Raises:
        HotlineError: The first file that cannot be loaded, after the others of its batch.
    """
    with load_engine(job.settings) as con:
        loader = Loader(con, job.settings, len(job.files))
        loader.load(contracts_of(job.settings.source)[job.feed], job.files)
        return list(loader.results.values())


def _read_jobs(jobs: "SimpleQueue[Job]") -> None:
    try:
        while True:
            jobs.put(pickle.load(sys.stdin.buffer))
    finally:
        os._exit(1)  # Not taken apart, which DuckDB would complain about.


def main() -> None:
    """Does jobs until there are no more, or the parent has ended."""
    jobs: SimpleQueue[Job] = SimpleQueue()
    threading.Thread(target=_read_jobs, args=[jobs], daemon=True).start()
    while True:
        answer: list[LoadResult] | Exception
        try:
            answer = load(jobs.get())
        except KeyboardInterrupt:
            os._exit(1)
        except Exception as error:
            answer = error
        sys.stdout.buffer.write(pickle.dumps(answer))
        sys.stdout.buffer.flush()
