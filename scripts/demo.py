"""The demo (`make demo`): two statistical periods of a simulated city in data/demo, run by Airflow.

An earlier demo is replaced.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import HotlineError
from pipelines.settings import Settings
from scripts.local_airflow import ROOT, AirflowError, LocalAirflow, local_airflow, say

if TYPE_CHECKING:
    from pipelines.simulate import SimulateResult

FIRST, LAST = date(2021, 1, 19), date(2021, 3, 18)  # the periods 2021-02 and 2021-03, whole
PERIODS = ("2021-02", "2021-03")
SCALE = 0.08  # about 3,000 contacts a day
MARKER = ".made-by-demo"


def simulate_demo(settings: Settings) -> SimulateResult:
    """Writes the extracts of the demo into the landing folder, with the defects real ones have."""
    from pipelines.simulate import simulate

    return simulate(settings, FIRST, LAST, scale=SCALE, defects=True)


def main() -> int:
    """Run the demo; 1 when it could not be completed."""
    started = time.monotonic()
    home = ROOT / "data" / "demo"
    os.environ |= {"HOTLINE_SOURCE": "beijing", "HOTLINE_CALLER_KEY": secrets.token_hex(32)}
    try:
        with _only_demo(home):
            _make_home(home)
            settings = Settings.from_env(home)
            _simulate(settings)
            say("[2/5] Start Airflow: api-server, scheduler, dag-processor")
            with local_airflow(home / "airflow", home) as airflow:
                _run(airflow)
            _show(settings)
    except (AirflowError, HotlineError) as error:
        say(f"The demo stopped. {error}")
        return 1
    except KeyboardInterrupt:
        say("The demo was interrupted; Airflow is stopped.")
        return 130
    say(f"It took {time.monotonic() - started:.0f} s.")
    return 0


@contextmanager
def _only_demo(home: Path) -> Iterator[None]:
    home.parent.mkdir(parents=True, exist_ok=True)
    with (home.parent / ".demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AirflowError(
                f"Another demo is running in {home}: wait for its end, then call it again."
            ) from None
        yield


def _make_home(home: Path) -> None:
    if home.exists():
        if not (home / MARKER).exists():
            raise AirflowError(
                f"{home} was not made by the demo, so it is left as it is: move it away first."
            )
        say(f"The earlier demo in {home} is replaced.")
        shutil.rmtree(home)
    home.mkdir()
    (home / MARKER).touch()


def _simulate(settings: Settings) -> None:
    say(f"[1/5] Simulate the extracts of {FIRST} to {LAST}, with the defects real ones have")
    result = simulate_demo(settings)
    say(f"  {result.contacts:,} contacts, {len(result.files):,} files in {settings.landing}")
    say("  Caller numbers are hidden with a throw-away key, which is not kept.")


def _run(airflow: LocalAirflow) -> None:
    say(f"  Its logs are in {airflow.logs}")
    before = LAST - timedelta(days=1)
    airflow.unpause("monthly_topics")

    say(f"[3/5] bulk_load for {FIRST} to {before}; the end of {PERIODS[0]} starts monthly_topics")
    days = {"from": FIRST.isoformat(), "to": before.isoformat()}
    _run_with_ranking(airflow, "bulk_load", days)

    say(f"[4/5] daily_hotline for {LAST}; the end of {PERIODS[1]} starts monthly_topics")
    _run_with_ranking(airflow, "daily_hotline", {"day": LAST.isoformat()})


def _run_with_ranking(airflow: LocalAirflow, dag_id: str, params: dict[str, str]) -> None:
    rankings = airflow.runs("monthly_topics")
    run_id = airflow.trigger(dag_id, **params)
    airflow.unpause(dag_id)
    airflow.follow(dag_id, run_id)
    airflow.follow("monthly_topics", airflow.next_run("monthly_topics", rankings))


def _show(settings: Settings) -> None:
    from pipelines.report import render_terminal

    say(f"[5/5] The first problems of {PERIODS[-1]}\n")
    say(render_terminal(settings, PERIODS[-1]))
    for period in PERIODS:
        say(f"Report          {settings.reports / f'ranking_{period}.html'}")
    say(f"Published file  {settings.published}")


if __name__ == "__main__":
    sys.exit(main())
