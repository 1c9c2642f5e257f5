"""Measures every step next to what could be used instead, and writes it to docs/benchmarks.md.

Three simulated years with all defects are made once for each size and kept. Every step is a
process of its own, as a person would start it; next to its seconds stand those of its reference,
measured in the same run. The speed of the machine drifts: ratios are what to compare.

Example: make bench SIZE=small
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

import duckdb

from benchmarks import page
from benchmarks.extracts import FEEDS, count_lines, extracts
from benchmarks.figures import lines_of_figures
from benchmarks.measure import Step, measure
from pipelines.periods import period_of
from pipelines.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
SIZES = {"small": 0.03, "medium": 0.3, "full": 1.0}
FIRST = date(2019, 1, 1)
DAY = date(2021, 12, 28)  # the new day on top of history
READ_DAYS = tuple(DAY + timedelta(days=n) for n in (1, 2, 3))  # published while readers ask
LAST = READ_DAYS[-1]
BURST = LAST + timedelta(days=1)
BURST_TIMES = 4  # as many contacts as on four days: 250,000 at full size
MONTH = DAY - timedelta(days=31)
EVERY = 10  # of the models run by a process each, to say what all would take


class Bench:
    """One size: its extracts, its homes and what was measured."""

    def __init__(self, size: str, folder: Path) -> None:
        self.size, self.scale = size, SIZES[size]
        self.home = folder / size
        self.landing = self.home / "landing"
        self.month = folder / f"{size}_month"
        self.log = folder / f"{size}.log"
        self.steps: list[Step] = []
        self.readers: dict[str, object] = {}
        self.figures: list[str] = []

    def prepare(self) -> None:
        """Simulates what is not there yet, and removes what an earlier run has made of it."""
        if not (self.home / "simulated").exists():
            shutil.rmtree(self.home, ignore_errors=True)
            self._simulate(self.home, FIRST, LAST, self.scale)
            self._deliver_a_burst()
            (self.home / "simulated").touch()
        for made in self.home.iterdir():
            if made.is_dir() and made.name != "landing":
                shutil.rmtree(made)
            elif made.is_file() and made.name != "simulated":
                made.unlink()
        shutil.rmtree(self.month, ignore_errors=True)
        days = [file for feed in FEEDS for file in extracts(self.landing, feed, MONTH, DAY)]
        registers = [f for f in self.landing.glob("*/*") if f.parent.name not in FEEDS]
        for file in [*days, *registers]:
            target = self.month / file.relative_to(self.home)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(file, target)
        self.log.unlink(missing_ok=True)

    def _simulate(self, home: Path, first: date, last: date, scale: float) -> None:
        days = ("--from", str(first), "--to", str(last), "--scale", str(scale), "--defects")
        command = [sys.executable, "-m", "pipelines.cli", "simulate", *days]
        # Not in this process: its memory would be counted to those that it starts.
        subprocess.run(command, env=self._env(home), check=True)

    def _deliver_a_burst(self) -> None:
        """The last day again, four times as large, a day later and under other ids."""
        other = self.home / "burst"
        self._simulate(other, LAST, LAST, self.scale * BURST_TIMES)
        for file in other.glob(f"landing/*/*{LAST:%Y%m%d}*.csv"):
            name = file.name.replace(f"{LAST:%Y%m%d}", f"{BURST:%Y%m%d}")
            moved = file.read_bytes()
            for style in ("%Y%m%d", "%Y-%m-%d"):
                moved = moved.replace(LAST.strftime(style).encode(), BURST.strftime(style).encode())
            (self.landing / file.parent.name / name).write_bytes(moved)
        shutil.rmtree(other)

    def run(self) -> None:
        """All steps, one after the other."""
        last = DAY - timedelta(days=1)
        history = count_lines(self.landing, FIRST, last)
        bare = self.home / "bare"
        bare.mkdir()
        files = (self.landing, FIRST, last, bare / "b.db")
        self._python("bare load", "bare", "load", *files, rows=history)
        self._hotline("load", "load", "--to", str(last), rows=history, reference="bare load")
        self._hotline(
            "check the extracts",
            *("validate", "extracts", "--from", str(FIRST)),
            "--to",
            str(last),
            rows=history,
            reference="bare load",
        )
        self._hotline("first build", "build", rows=history, reference="bare load")
        self._hotline("check the marts", "validate", "marts", reference="bare load")
        self._hotline("publish", "publish", reference="bare load")
        self._hotline(page.LAST_OF_HISTORY, "rank", *self._periods(), reference="bare load")
        self._python("floor: imports, empty dbt run", "floor")
        day = count_lines(self.landing, DAY, DAY)
        self._hotline(
            "a day on three years", "run", str(DAY), rows=day, reference="a day on a month"
        )
        start, end = str(DAY - timedelta(days=30)), str(DAY)
        self._python("bare counts of one period", "bare", "rank", bare / "b.db", start, end)
        self._hotline(
            "rank one period", "rank", self._periods()[-1], reference="bare counts of one period"
        )
        self._hotline("nothing new", "build", reference="floor: imports, empty dbt run")
        self._hotline("full refresh", "build", "--full-refresh", reference="a day on three years")
        # Whole, so that the readers see versions that continue one another.
        self._hotline("check the marts again", "validate", "marts")
        self._hotline("publish whole", "publish")
        self._a_month()
        self._readers()
        self.figures = self._figures()  # The year is complete now.
        burst = count_lines(self.landing, BURST, BURST)
        self._hotline("a burst on three years", "run", str(BURST), rows=burst)

    def save(self, is_complete: bool = False) -> None:
        """Keeps what has been measured so far: a run of hours that ends early is not lost."""
        result = {
            "scale": self.scale,
            "is_complete": is_complete,
            "steps": [asdict(step) for step in self.steps],
            "readers": self.readers,
            "figures": self.figures,
        }
        page.RESULTS.mkdir(exist_ok=True)
        text = json.dumps(result, ensure_ascii=False, indent=1)
        (page.RESULTS / f"{self.size}.json").write_text(f"{text}\n", encoding="utf-8")

    def _a_month(self) -> None:
        """What else a team could use, on the same files; and a day on top of a month."""
        last = DAY - timedelta(days=1)
        lines = count_lines(self.landing, MONTH, DAY)
        landing, other = self.month / "landing", self.month / "other"
        self._python("pandas: a month", "pandas_load", landing, other / "pandas", rows=lines)
        if dlt := _dlt():
            other.mkdir(exist_ok=True)
            command = [str(dlt), str(ROOT / "benchmarks/dlt_load.py"), str(landing)]
            env = self._env(self.month) | {"DLT_DATA_DIR": str(other / "dlt")}
            self._add("dlt: a month", [*command, str(other / "dlt.duckdb")], env, rows=lines)
        self._hotline(
            "load a month", "load", home=self.month, rows=lines, reference="pandas: a month"
        )
        shutil.rmtree(self.month / "raw")
        self._hotline(
            "run a month", "run", "--from", str(MONTH), "--to", str(last), home=self.month
        )
        day = count_lines(self.landing, DAY, DAY)
        self._hotline("a day on a month", "run", str(DAY), home=self.month, rows=day)
        self._a_process_for_each_model()

    def _readers(self) -> None:
        """The questions alone, then eight readers through three publications."""
        published, stop = self.home / "published/hotline.duckdb", self.home / "stop"
        quiet, busy = self.home / "quiet.json", self.home / "busy.json"
        self._python("eight readers, quiet", "readers", published, quiet)
        command = [sys.executable, "-m", "benchmarks.readers", published, busy, stop]
        with subprocess.Popen(command, env=self._env(self.home)) as crowd:
            try:
                for day in READ_DAYS:
                    self._hotline(f"a day with eight readers, {day}", "run", str(day))
            finally:
                stop.touch()
        if crowd.returncode:
            raise SystemExit("The readers ended with an error.")
        self.readers = {
            name: json.loads(seen.read_text("utf-8"))
            for name, seen in (("quiet", quiet), ("through three publications", busy))
        }

    def _a_process_for_each_model(self) -> None:
        models = sorted((ROOT / "dbt_project/models").glob("**/*.sql"))[::EVERY]
        code = (
            "from pipelines.settings import Settings; from pipelines.warehouse.dbt import run_dbt;"
            "import sys; run_dbt(Settings.from_env(), ['run', '--select', sys.argv[1]])"
        )
        taken = Step("", 0, 0, 0)
        for model in models:
            command = [sys.executable, "-c", code, model.stem]
            one = measure(model.stem, command, self._env(self.month), self.log)
            taken = Step("", taken.seconds + one.seconds, taken.processor + one.processor, 0)
        every = f"a dbt process for each model (each {EVERY}th run, times {EVERY})"
        self.steps.append(
            Step(every, taken.seconds * EVERY, taken.processor * EVERY, 0, None, "a day on a month")
        )

    def _periods(self) -> list[str]:
        days = (FIRST + timedelta(days=n) for n in range((DAY - FIRST).days))
        return sorted({period_of(Settings(home=self.home), day) for day in days})

    def _env(self, home: Path) -> dict[str, str]:
        key = {"HOTLINE_HOME": str(home), "HOTLINE_CALLER_KEY": "benchmark"}
        return os.environ | key | {"PYTHONPATH": str(ROOT)}

    def _hotline(
        self,
        name: str,
        *arguments: str,
        home: Path | None = None,
        rows: int | None = None,
        reference: str | None = None,
    ) -> None:
        command = [sys.executable, "-m", "pipelines.cli", *arguments]
        self._add(name, command, self._env(home or self.home), rows, reference)

    def _python(self, name: str, module: str, *arguments: object, rows: int | None = None) -> None:
        command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
        self._add(name, command, self._env(self.month if "month" in name else self.home), rows)

    def _add(
        self,
        name: str,
        command: list[str],
        env: dict[str, str],
        rows: int | None = None,
        reference: str | None = None,
    ) -> None:
        step = measure(name, command, env, self.log, rows, reference)
        self.steps.append(step)
        self.save()
        _say(f"{step.seconds:8.1f} s {step.processor:8.1f} s of processor  {name}")

    def _figures(self) -> list[str]:
        """The published figures next to those of the simulated city."""
        with duckdb.connect(str(Settings(home=self.home).warehouse), read_only=True) as con:
            return lines_of_figures(con, self.scale, str(self.home / "raw"))


def _dlt() -> Path | None:
    """Python of an environment that has dlt, named by the variable; None where there is none."""
    named = os.environ.get("BENCH_DLT_PYTHON")
    return Path(named) if named else None


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Measures one size and writes the page."""
    parser = argparse.ArgumentParser(
        prog="make bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--folder", type=Path, default=ROOT / "data" / "bench")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(options.size, options.folder.resolve())
    bench.prepare()
    bench.run()
    bench.save(is_complete=True)
    page.write()
    _say(f"Written: {page.PAGE}")


if __name__ == "__main__":
    main()
