"""The points at which a run is killed: named, and set from outside by wrapping what runs there.

The code of the pipelines knows nothing of them. A point kills its own process with SIGKILL, which
no handler, no `finally` and no `with` can see.
"""

import importlib
import os
import pathlib
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Test = Callable[..., bool]


@dataclass(frozen=True)
class Point:
    """A place to be killed at.

    Attributes:
        name: What has just happened, or is about to.
        command: The `hotline` command that is killed there.
        arm: Sets the point in this process.
    """

    name: str
    command: str
    arm: Callable[[], None]


def kill() -> None:
    """The end, without a word."""
    os.kill(os.getpid(), signal.SIGKILL)


def always(*_: Any, **__: Any) -> bool:
    return True


def before(owner: str, name: str, when: Test = always, nth: int = 1) -> Callable[[], None]:
    """Kills before the n-th call of `owner.name` whose arguments fit."""
    return lambda: _wrap(owner, name, when, nth, first=True)


def after(owner: str, name: str, when: Test = always, nth: int = 1) -> Callable[[], None]:
    """Kills after the n-th call of `owner.name` whose arguments fit."""
    return lambda: _wrap(owner, name, when, nth, first=False)


def _wrap(owner: str, name: str, when: Test, nth: int, first: bool) -> None:
    module, _, attribute = owner.partition(":")
    holder = importlib.import_module(module)
    for part in attribute.split(".") if attribute else []:
        holder = getattr(holder, part)
    original = getattr(holder, name)
    left = nth

    def wrapped(*arguments: Any, **options: Any) -> Any:
        nonlocal left
        fits = when(*arguments, **options)
        left -= fits
        if fits and left == 0 and first:
            kill()
        result = original(*arguments, **options)
        if fits and left == 0:
            kill()
        return result

    setattr(holder, name, wrapped)


def moved_to(*parts: str) -> Test:
    """Whether a `Path.replace` or `Path.rename` goes to a path that holds all parts."""
    return lambda _, target: all(part in str(target) for part in parts)


def model_done(name: str) -> Callable[[], None]:
    """Kills when dbt reports that a model is finished."""

    def listen(event: Any) -> None:
        if event.info.name == "LogModelResult" and event.data.node_info.node_name == name:
            kill()

    def arm() -> None:
        import dbt.cli.main as dbt_main

        original = dbt_main.dbtRunner

        def runner(*arguments: Any, callbacks: list[Any]) -> Any:
            return original(*arguments, callbacks=[*callbacks, listen])

        dbt_main.dbtRunner = runner

    return arm


def statement(model: str, *words: str) -> Callable[[], None]:
    """Kills before dbt sends a statement with all these words for a model."""

    def fits(manager: Any, sql: str, *_: Any, **__: Any) -> bool:
        text = " ".join(sql.lower().split()).rpartition("*/")[2]
        connection = manager.get_thread_connection()
        is_of_model = str(connection.name).endswith(f".{model}")
        return is_of_model and all(word in text for word in words)

    return before("dbt.adapters.sql.connections:SQLConnectionManager", "add_query", fits)


class _Watched:
    """A DuckDB connection whose n-th call of one method is deadly."""

    def __init__(self, con: Any, method: str, when: str) -> None:
        self._con, self._method, self._when = con, method, when

    def __getattr__(self, name: str) -> Any:
        original = getattr(self._con, name)
        if name != self._method:
            return original

        def deadly(*arguments: Any) -> Any:
            if self._when not in " ".join(map(str, arguments)):
                return original(*arguments)
            kill()

        return deadly


def inside(step: str, method: str, when: str = "") -> Callable[[], None]:
    """Kills inside `prepare` or `commit_ledger`, just before its connection does something."""

    def arm() -> None:
        # The package has a function of the same name, which `import … as` would find.
        build = importlib.import_module("pipelines.warehouse.build")
        original = getattr(build, step)

        def watched(con: Any, *arguments: Any, **options: Any) -> Any:
            return original(_Watched(con, method, when), *arguments, **options)

        setattr(build, step, watched)

    return arm


def half_dropped() -> None:
    """Kills while an old version is removed: its file is gone, its folder is not."""
    original = shutil.rmtree

    def removed(path: Any, *arguments: Any, **options: Any) -> None:
        folder = pathlib.Path(path)
        if folder.parent.name == "versions" and not folder.name.startswith("."):
            for file in folder.iterdir():
                file.unlink()
            kill()
        original(path, *arguments, **options)

    shutil.rmtree = removed  # type: ignore[assignment]


LOAD = "pipelines.load"
PATH = "pathlib:Path"
DROP_OLD_RUNS: Test = lambda name, **_: name == "drop_old_runs"  # noqa: E731

_RUN = {
    # Loading: three fact files of the new day, one corrected file of an older day.
    "the first extract is converted": after(f"{LOAD}.loader", "convert"),
    "quarantine is written, not renamed": before(
        PATH, "replace", moved_to("quarantine", "part.parquet")
    ),
    "quarantine is in place, raw is not": after(
        PATH, "replace", moved_to("quarantine", "part.parquet")
    ),
    "raw is written, not renamed": before(PATH, "replace", moved_to("raw", "part.parquet")),
    "the first raw file is in place": after(PATH, "replace", moved_to("raw", "part.parquet")),
    "the gate on extracts is recorded, not committed": before(
        "pipelines.quality.results", "prepared", DROP_OLD_RUNS
    ),
    # The warehouse: lists of changes, models, ledger.
    "changes are listed, not committed": inside("prepare", "commit"),
    "changes are committed": after("pipelines.warehouse.build", "prepare"),
    "staging rows are replaced, not committed": statement("stg_contacts", "commit"),
    "the first staging table is done": model_done("stg_contacts"),
    "rows of a fact are to be replaced": statement("core_appeals", "insert into"),
    "a fact is replaced, not committed": statement("core_dispatches", "commit"),
    "the first fact is done": model_done("core_appeals"),
    "a period table is done": model_done("monthly_workload"),
    "dbt is done, the ledger is not": before("pipelines.warehouse.build", "commit_ledger"),
    "the ledger is half written": inside("commit_ledger", "execute", "ops.built"),
    "the ledger is committed": after("pipelines.warehouse.build", "commit_ledger"),
    "the gate on marts is recorded, not committed": before(
        "pipelines.quality.results", "prepared", DROP_OLD_RUNS, 2
    ),
    # Publishing.
    "the new version is half written": before("pipelines.publish.write", "count_rows", nth=19),
    "the new version is tested, not named": before(PATH, "rename", moved_to("versions")),
    "the new version is named, not pointed to": after(PATH, "rename", moved_to("versions")),
    "the pointer is made, not moved": before(PATH, "replace", moved_to("published")),
    "the pointer has moved": after(PATH, "replace", moved_to("published")),
    "an old version is half dropped": half_dropped,
}
_RANK = {
    "the issue is written, not named": before(PATH, "replace", moved_to("rankings", "issue-")),
    "the issue is named, the mart is not built": before("pipelines.chain", "build"),
    "the issue is in the mart, not published": before("pipelines.chain", "publish"),
    "the topic mart is half built": model_done("fct_topic_rankings"),
}

POINTS = {
    **{name: Point(name, "run", arm) for name, arm in _RUN.items()},
    **{name: Point(name, "rank", arm) for name, arm in _RANK.items()},
}
