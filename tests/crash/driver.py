"""Kills runs and resumes them, many in one go: `python -m tests.crash.driver FOLDER POINT...`.

Every run is a process of its own, forked from this one, which has imported dbt and Great
Expectations once (that takes longer than a small run) and never opens a database itself. Two lanes
work side by side. A lane keeps one path for all its homes, so that dbt need not parse again.

Leaves `results/<point>.json` in the folder: what the killed run, a reader, and the resumed run did.
"""

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

from pipelines.settings import Settings
from tests.crash.compare import differences, digest, digest_of, leftovers
from tests.crash.points import POINTS, Point
from tests.homes import deliver_correction

FIRST = date(2021, 2, 17)
CORRECTED, LAST = FIRST + timedelta(days=1), FIRST + timedelta(days=3)
PERIOD = "2021-03"
KEY = "an invented key for tests"
COMMANDS = {
    "run": ("run", "--from", str(CORRECTED), "--to", str(LAST)),
    "rank": ("rank", PERIOD),
}
LANES = 2


def main(folder: Path, names: Sequence[str]) -> None:
    """Makes the scene, then kills and resumes at every named point."""
    import dbt.cli.main  # noqa: F401  # each forked run would import it again

    import pipelines.cli
    import pipelines.quality.gx_duckdb  # noqa: F401

    os.environ |= {
        "HOTLINE_CALLER_KEY": KEY,
        "HOTLINE_PUBLISHED_VERSIONS": "1",
        "HOTLINE_THREADS": "1",
        # dbt's own switch: the tables are compared row by row, their tests are not needed here.
        "DBT_RESOURCE_TYPES": "model seed",
    }
    (folder / "results").mkdir(parents=True)
    _require(_make_scene, folder)
    waiting = [POINTS[name] for name in names]
    lanes = [_fork(_lane, folder, number, waiting[number::LANES]) for number in range(LANES)]
    if any(os.waitpid(lane, 0)[1] for lane in lanes):
        sys.exit(1)


def _make_scene(folder: Path) -> None:
    """Homes to start from and to compare with, all made at the path of lane 0.

    `run` has three days, ranked and published, and the fourth day and a corrected second day in
    the landing folder. `rank` is what an undisturbed run makes of it, `done` is that, ranked.
    """
    home = _lane_home(folder, 0)
    _require(_prepare_landing, home)
    _hotline(home, "run", "--from", str(FIRST), "--to", str(LAST - timedelta(days=1)))
    _hotline(home, *COMMANDS["rank"])
    _require(deliver_correction, home / "landing", CORRECTED)
    _keep(home, folder / "run")
    _hotline(home, *COMMANDS["run"])
    _keep(home, folder / "rank")
    _hotline(home, *COMMANDS["rank"])
    _keep(home, folder / "done")


def _prepare_landing(home: Path) -> None:
    from pipelines.simulate import simulate

    simulate(Settings(home=home), FIRST, LAST, scale=0.002, defects=True)


def _lane(folder: Path, number: int, points: Sequence[Point]) -> None:
    home = _lane_home(folder, number)
    for point in points:
        _take(folder / point.command, home)
        result = _kill_and_resume(folder, home, point)
        (folder / "results" / f"{point.name}.json").write_text(json.dumps(result))
    shutil.rmtree(home)


def _kill_and_resume(folder: Path, home: Path, point: Point) -> dict[str, object]:
    said = home / "logs" / "said.txt"
    last_words = home / "logs" / "last_words.txt"
    marts = home / "published" / "hotline.duckdb"
    expected = folder / ("rank" if point.command == "run" else "done")
    old = json.loads((folder / f"{point.command}.digest").read_text())
    new = json.loads((folder / f"{expected.name}.digest").read_text())
    reader, ready, go = _reader(marts, old)
    os.read(ready, 1)
    killed = os.waitpid(_fork(_killed, home, point, last_words), 0)[1]
    between = os.waitpid(_fork(_one_of, marts, old, new), 0)[1]
    resumed = os.waitpid(_fork(_command, home, COMMANDS[point.command], said), 0)[1]
    os.write(go, b"x")
    reading = os.waitpid(reader, 0)[1]
    found = folder / "results" / f"{point.name}.found"
    _require(_compare, home, expected, found)
    for pipe in (ready, go):
        os.close(pipe)
    return {
        "is_killed": os.WIFSIGNALED(killed) and os.WTERMSIG(killed) == signal.SIGKILL,
        "is_published_between": between == 0,
        "resumed": os.waitstatus_to_exitcode(resumed),
        "last_words": last_words.read_text()[-2000:],
        "said": said.read_text()[-2000:],
        "is_reader_undisturbed": reading == 0,
        "found": json.loads(found.read_text()),
    }


def _killed(home: Path, point: Point, said: Path) -> None:
    said.parent.mkdir(parents=True, exist_ok=True)
    said.write_text("")
    point.arm()
    _command(home, COMMANDS[point.command], said)


def _command(home: Path, arguments: Sequence[str], said: Path) -> None:
    """Becomes the `hotline` command; never returns."""
    from pipelines.cli import main as hotline

    said.parent.mkdir(parents=True, exist_ok=True)
    output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.argv = ["hotline", "--home", str(home), *arguments]
    hotline()


def _reader(marts: Path, old: dict[str, list[int]]) -> tuple[int, int, int]:
    """A reader that connects before the kill and asks again after the resumed run."""
    import duckdb

    (ready, is_ready), (wait, go) = os.pipe(), os.pipe()

    def read() -> None:
        with duckdb.connect(str(marts), read_only=True) as con:
            con.execute("select count(*) from marts.dim_periods").fetchall()
            os.write(is_ready, b"x")
            os.read(wait, 1)
            assert digest_of(con) == old

    process = _fork(read)
    os.close(is_ready)
    os.close(wait)
    return process, ready, go


def _one_of(marts: Path, *versions: dict[str, list[int]]) -> None:
    assert digest(marts) in versions


def _compare(home: Path, expected: Path, found: Path) -> None:
    try:
        result: object = {
            "differences": differences(home, expected),
            "leftovers": leftovers(home),
        }
    except Exception:
        result = traceback.format_exc()
    found.write_text(json.dumps(result))


def _hotline(home: Path, *arguments: str) -> None:
    said = home / "logs" / "said.txt"
    status = os.waitpid(_fork(_command, home, arguments, said), 0)[1]
    if status:
        raise RuntimeError(f"hotline {' '.join(arguments)}: {said.read_text()}")


def _keep(home: Path, folder: Path) -> None:
    shutil.copytree(home, folder, symlinks=True, ignore=shutil.ignore_patterns("logs"))
    _require(_write_digest, folder)


def _write_digest(folder: Path) -> None:
    marts = digest(folder / "published" / "hotline.duckdb")
    folder.with_suffix(".digest").write_text(json.dumps(marts))


def _take(start: Path, home: Path) -> None:
    """Puts a fresh copy at the path of a lane; dbt's logs stay, and with them what it parsed."""
    home.mkdir(parents=True, exist_ok=True)
    for path in home.iterdir():
        if path.name != "logs":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(start, home, symlinks=True, dirs_exist_ok=True)


def _lane_home(folder: Path, number: int) -> Path:
    return folder / f"lane{number}" / "home"


def _require(function: Callable[..., None], *arguments: object) -> None:
    if os.waitpid(_fork(function, *arguments), 0)[1]:
        raise RuntimeError(f"{function.__name__} failed")


def _fork(function: Callable[..., None], *arguments: object) -> int:
    """Runs a function in a process of its own; gives the process."""
    sys.stdout.flush()
    process = os.fork()
    if process:
        return process
    try:
        function(*arguments)
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
    sys.stdout.flush()
    os._exit(0)  # As `hotline` ends: DuckDB's binding complains about what dbt still holds.
