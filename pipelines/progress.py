"""What is said to people: sentences, and the progress of long work."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

Say = Callable[[str], None]
Progress = Callable[[str, int, int], None]


def silent(_: str) -> None:
    """Says nothing: the output is for a program."""


def first_few(prefix: str, things: Sequence[str], most: int = 10) -> list[str]:
    """A line for each of the first few things, and one that counts the rest."""
    lines = [f"{prefix}{thing}" for thing in things[:most]]
    return lines + [f"{prefix}and {len(things) - most} more"] * (len(things) > most)


@contextmanager
def progress(quiet: bool = False) -> Iterator[Progress | None]:
    """Gives a callback of (what, done, all); it draws a bar on a terminal, else writes lines.

    It writes to standard error, so that output can be piped.

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
