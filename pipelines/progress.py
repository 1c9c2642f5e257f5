"""Progress of long work: a bar on a terminal, a line now and then elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, int, int], None]


@contextmanager
def progress(quiet: bool = False) -> Iterator[Progress | None]:
    """Gives a callback of (what, done, all); it writes to standard error.

    Args:
        quiet: Give None instead, for output that a program reads.
    """
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _bar() as report:
            yield report
    else:
        yield _lines()


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def report(what: str, done: int, all_of_it: int) -> None:
            bar.update(task, description=what[:60], completed=done, total=all_of_it)

        yield report


def _lines() -> Progress:
    said = -1

    def report(what: str, done: int, all_of_it: int) -> None:
        nonlocal said
        quarter = 4 * done // all_of_it if all_of_it else 4
        if quarter != said:
            said = quarter
            sys.stderr.write(f"  {done} of {all_of_it}: {what}\n")

    return report
