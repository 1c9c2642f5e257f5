"""What a process does that loads one group of files for `parallel.py`.

Reads a pickled `Job` from standard input and writes what came of it to standard output. The input
stays open as long as the parent lives: the process does not outlive it.
"""

import os
import pickle
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass

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


def _follow_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def main() -> None:
    """Does one job. Ends without taking the interpreter apart, which DuckDB complains about."""
    answer: list[LoadResult] | Exception
    try:
        job: Job = pickle.load(sys.stdin.buffer)
        threading.Thread(target=_follow_parent, daemon=True).start()
        answer = load(job)
    except KeyboardInterrupt:
        os._exit(1)
    except Exception as error:
        answer = error
    sys.stdout.buffer.write(pickle.dumps(answer))
    sys.stdout.buffer.flush()
    os._exit(0)
