"""An Airflow on this machine, for `make up`, the demo and the integration test.

`python -m scripts.local_airflow` runs it with its web page on the data of HOTLINE_HOME (./data),
until Ctrl-C. It is `airflow db migrate`, then api-server, scheduler and dag-processor: `airflow
standalone` would also serve logs on every network interface. Everything listens on 127.0.0.1, with
secrets made for this start.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DAG_IDS = {file.stem for file in (ROOT / "dags").glob("*.py")} - {"hotline_tasks"}
POOL = {"name": "warehouse_writer", "slots": 1, "include_deferred": False}
PARTS = {
    "api-server": ["--host", "127.0.0.1", "--workers", "1"],
    "scheduler": ["--skip-serve-logs"],
    "dag-processor": [],
}
LOCKED_TRIES = 10
USER = "admin"
USUAL_PORT = 8080
START_TIMEOUT, STOP_TIMEOUT, POLL_SECONDS = 240.0, 20.0, 1.0


class AirflowError(Exception):
    """Airflow could not be started, or a run failed; the message is a sentence for people."""


def say(line: str) -> None:
    """Print a line for people at once."""
    print(line, flush=True)  # noqa: T201


def airflow_environment(airflow_home: Path, home: Path) -> dict[str, str]:
    """Give the environment of a local Airflow; the only place that states it.

    Args:
        airflow_home: Its own folder, whatever AIRFLOW_HOME says: other Airflows are left alone.
        home: Folder of all data.
    """
    return {
        **os.environ,
        "HOTLINE_HOME": str(home.resolve()),
        "PYTHONPATH": os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(ROOT)])),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "AIRFLOW_HOME": str(airflow_home.resolve()),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{airflow_home.resolve()}/airflow.db",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(airflow_home.resolve() / "logs"),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "GX_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


class LocalAirflow:
    """The processes of a local Airflow, and the few requests that its users here need."""

    def __init__(self, airflow_home: Path, home: Path, port: int = 0) -> None:
        self.port = port or _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.logs = airflow_home / "logs"
        self.password = secrets.token_urlsafe(12)
        self._passwords = airflow_home / "passwords.json"
        self._environment = airflow_environment(airflow_home, home) | {
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self._passwords),
        }
        self._parts: dict[str, subprocess.Popen[bytes]] = {}
        self._token = ""

    def start(self) -> None:
        """Prepare the database and the pool, start the parts, and wait until all are healthy."""
        self.logs.mkdir(parents=True, exist_ok=True)
        self._passwords.write_text(json.dumps({USER: self.password}))
        self._passwords.chmod(0o600)
        if self._spawn("db", ["migrate"]).wait() != 0:
            raise AirflowError(f"`airflow db migrate` failed: see {self.logs / 'db'}.log.")
        for name, options in PARTS.items():
            self._spawn(name, options)
        self._wait("all parts to be healthy", self._is_healthy)
        try:
            self.request("POST", "/pools", POOL)
        except AirflowError:
            self.request("PATCH", f"/pools/{POOL['name']}", POOL)  # It is there since last time.
        self._wait("the DAGs to be read", self._has_dags)

    def _spawn(self, name: str, options: list[str]) -> subprocess.Popen[bytes]:
        with (self.logs / f"{name}.log").open("ab") as log:
            # A session of its own: Ctrl-C reaches this program, which then stops the parts.
            self._parts[name] = subprocess.Popen(
                [sys.executable, "-m", "airflow", name, *options],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self._parts[name]

    def _is_healthy(self) -> bool:
        try:
            health = self._fetch("GET", "/monitor/health")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        return all(health[part]["status"] == "healthy" for part in ("scheduler", "dag_processor"))

    def _has_dags(self) -> bool:
        if errors := self.request("GET", "/importErrors")["import_errors"]:
            raise AirflowError(f"{errors[0]['filename']}: {errors[0]['stack_trace']}")
        return {dag["dag_id"] for dag in self.request("GET", "/dags")["dags"]} >= DAG_IDS

    def _wait(self, what: str, is_done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not is_done():
            self.pause()
            if time.monotonic() > deadline:
                raise AirflowError(f"Waited in vain for {what}: see the logs in {self.logs}.")

    def pause(self) -> None:
        """Wait a moment; AirflowError when a part has stopped by itself."""
        for name, process in self._parts.items():
            if name in PARTS and process.poll() is not None:
                raise AirflowError(f"Airflow's {name} stopped: see {self.logs / name}.log.")
        time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """Stop all parts with their children: first politely, then for good."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            for process in self._parts.values():
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, sign)
            deadline = time.monotonic() + STOP_TIMEOUT
            for process in self._parts.values():
                with suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.0, deadline - time.monotonic()))
        self._parts.clear()

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run this DAG, without the run that its schedule asks for at once."""
        self.request("PATCH", f"/dags/{dag_id}", {"is_paused": False})
        due = self.request("GET", f"/dags/{dag_id}")["next_dagrun_run_after"]
        if due is None or datetime.fromisoformat(due) > datetime.now(UTC):
            return
        # A schedule's first run is for yesterday, whatever days the data are of. It is marked, not
        # deleted: the scheduler would make it again.
        self._wait(f"the first scheduled run of {dag_id}", lambda: bool(self._scheduled(dag_id)))
        for run_id in self._scheduled(dag_id):
            mark = {"state": "failed", "note": "Left out: there is no extract of this day."}
            self.request("PATCH", f"/dags/{dag_id}/dagRuns/{run_id}", mark)

    def _scheduled(self, dag_id: str) -> list[str]:
        return [run_id for run_id in self.runs(dag_id) if run_id.startswith("scheduled__")]

    def trigger(self, dag_id: str, **params: str) -> str:
        """Start a run by hand and give its id."""
        body = {"logical_date": None, "conf": params}
        return str(self.request("POST", f"/dags/{dag_id}/dagRuns", body)["dag_run_id"])

    def runs(self, dag_id: str) -> list[str]:
        """Give the ids of all runs of a DAG, oldest first."""
        listed = self.request("GET", f"/dags/{dag_id}/dagRuns?order_by=id&limit=100")
        return [run["dag_run_id"] for run in listed["dag_runs"]]

    def next_run(self, dag_id: str, known: list[str]) -> str:
        """Wait for a run that is not in `known`, as an asset event starts it, and give its id."""
        self._wait(f"a run of {dag_id}", lambda: len(self.runs(dag_id)) > len(known))
        return next(run for run in self.runs(dag_id) if run not in known)

    def follow(self, dag_id: str, run_id: str) -> None:
        """Wait for the end of a run, printing its tasks; AirflowError when it fails."""
        shown: set[str] = set()
        state = ""
        while state not in ("success", "failed"):
            self.pause()
            state = self.request("GET", f"/dags/{dag_id}/dagRuns/{run_id}")["state"]
            tasks = self.tasks(dag_id, run_id)
            for task in sorted(tasks, key=lambda task: task["start_date"] or ""):
                line = f"  {dag_id:<15} {task['task_id']:<15} {_progress(task)}"
                if task["start_date"] and line not in shown:
                    say(line)
                shown.add(line)
        if state == "failed":
            failed = [task["task_id"] for task in tasks if task["state"] == "failed"]
            task_id = failed[0] if failed else "?"
            folder = self.logs / f"dag_id={dag_id}" / f"run_id={run_id}" / f"task_id={task_id}"
            sentence = _first_error(folder) or f"See the logs in {self.logs}."
            raise AirflowError(f"{dag_id}: the task `{task_id}` failed. {sentence}")

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Give the task instances of a run."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        return list(self.request("GET", path)["task_instances"])

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """Give the answer of Airflow's API; AirflowError where it refuses.

        SQLite lets one process write at a time: a request that met another is made again.
        """
        for left in reversed(range(LOCKED_TRIES)):
            try:
                if not self._token:
                    login = {"username": USER, "password": self.password}
                    answer = self._fetch("POST", "/auth/token", login, root="")
                    self._token = answer["access_token"]
                return self._fetch(method, path, body)
            except urllib.error.HTTPError as error:
                detail = error.read().decode(errors="replace")
                if not (left and "Database error" in detail):
                    raise AirflowError(f"Airflow refused {method} {path}: {detail}") from None
            self.pause()
        raise AssertionError("the last try gives an answer or an error")

    def _fetch(self, method: str, path: str, body: Any = None, root: str = "/api/v2") -> Any:
        request = urllib.request.Request(
            f"{self.url}{root}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"},
            method=method,
        )
        # No proxy: the server is this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=120) as response:
            answer = response.read()
        return json.loads(answer) if answer else None


def _progress(task: dict[str, Any]) -> str:
    if task["state"] == "success":
        return f"done  {task['duration'] or 0:.0f} s"
    return "…" if task["state"] in ("running", "queued") else str(task["state"])


def _first_error(folder: Path) -> str:
    """The first error line of the newest log of a task, which is the one for people."""
    for path in sorted(folder.rglob("*.log"), reverse=True):
        for line in path.read_text(errors="replace").splitlines():
            entry = json.loads(line) if line.startswith("{") else {}
            if entry.get("level") == "error":
                causes = [cause["exc_value"] for cause in entry.get("error_detail") or ()]
                return str(causes[0] if causes else entry["event"])
    return ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


@contextmanager
def local_airflow(airflow_home: Path, home: Path, port: int = 0) -> Iterator[LocalAirflow]:
    """Start an Airflow and stop it at the end, whatever happens in between."""
    airflow = LocalAirflow(airflow_home, home, port)
    # A polite kill ends like Ctrl-C, so that the parts are stopped then too.
    previous = {
        sign: signal.signal(sign, signal.default_int_handler)
        for sign in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    }
    try:
        airflow.start()
        yield airflow
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # an impatient second Ctrl-C leaves no orphans
        airflow.stop()
        for sign, handler in previous.items():
            signal.signal(sign, handler)


def main() -> int:
    """Run Airflow with its web page until Ctrl-C; 1 when it could not be started or stopped."""
    home = Path(os.environ.get("HOTLINE_HOME") or ROOT / "data")
    airflow_home = Path(os.environ.get("HOTLINE_AIRFLOW_HOME") or ROOT / ".airflow")
    say("Airflow is starting; it takes about half a minute.")
    try:
        with local_airflow(airflow_home, home, USUAL_PORT * _is_free(USUAL_PORT)) as airflow:
            say(f"Web page  {airflow.url}")
            say(f"Login     {USER}")
            say(f"Password  {airflow.password}   (a new one at every start)")
            say(f"Data      {home.resolve()}")
            say(f"Logs      {airflow.logs}")
            if not os.environ.get("HOTLINE_CALLER_KEY"):
                say("HOTLINE_CALLER_KEY is not set (see .env.example): loading callers will fail.")
            say("The DAGs are paused at first: switch on those that shall run. Ctrl-C stops all.")
            while True:
                airflow.pause()
    except AirflowError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Airflow is stopped.")
        return 0


if __name__ == "__main__":
    sys.exit(main())
