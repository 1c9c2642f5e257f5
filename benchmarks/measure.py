"""Runs a command as a process of its own and reads from the system what it took."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """What one process took.

    Attributes:
        name: What it did.
        seconds: From its start to its end.
        processor: Seconds of all cores, its children included.
        peak_mb: Most memory of one process, MB.
        rows: Lines or rows that it worked on; None where there is no such number.
        reference: Name of the step that it is compared with.
    """

    name: str
    seconds: float
    processor: float
    peak_mb: float
    rows: int | None = None
    reference: str | None = None


def measure(
    name: str,
    command: Sequence[str],
    env: Mapping[str, str],
    log: Path,
    rows: int | None = None,
    reference: str | None = None,
) -> Step:
    """Runs a command to its end; what it prints goes to the log.

    Raises:
        SystemExit: The command failed; names it and its log.
    """
    with log.open("a", encoding="utf-8") as output:
        output.write(f"\n== {name}: {' '.join(command)}\n")
        output.flush()
        started = time.perf_counter()
        process = subprocess.Popen(command, env=dict(env), stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name} ended with status {process.returncode}; what it said: {log}")
    processor = usage.ru_utime + usage.ru_stime
    return Step(name, seconds, processor, usage.ru_maxrss / 1000, rows, reference)
