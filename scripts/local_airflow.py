"""One Airflow on this machine: database, api-server, scheduler and dag-processor.

The demo, `make up` and the integration test use it. It expects the environment of
`scripts/airflow_env.sh`. The parts listen on 127.0.0.1 only, on ports that are free at the start,
with secrets made for this start, and they write to one log folder.
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
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DAG_IDS = ("bulk_load", "daily_hotline", "monthly_topics")
WRITER_POOL = "warehouse_writer"
PARTS = {
    "api-server": ["api-server", "--host", "127.0.0.1", "--workers", "1"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
}
START_TIMEOUT = 240.0
STOP_TIMEOUT = 20.0
POLL_SECONDS = 1.0
FINISHED = ("success", "failed", "skipped", "upstream_failed", "removed")

Report = Callable[[str], None]


def say(line: str) -> None:
    """Print a line for people at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class AirflowError(Exception):
    """Airflow could not be started, or a run failed; the message is a sentence for people."""


def free_port() -> int:
    """Give a port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LocalAirflow:
    """The processes of a local Airflow, and the few requests that its users here need."""

    def __init__(self, port: int | None = None, user: str = "admin") -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.home = Path(os.environ["AIRFLOW_HOME"])
        self.logs = Path(os.environ["AIRFLOW__LOGGING__BASE_LOG_FOLDER"])
        self.user, self.password = user, secrets.token_urlsafe(12)
        self._parts: dict[str, subprocess.Popen[bytes]] = {}
        self._token = ""

    def start(self) -> None:
        """Prepare the database and the pool, start the parts, and wait until all are healthy."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(parents=True, exist_ok=True)
        environment = os.environ | self._settings()
        self._run("db", "migrate", environment=environment)
        for name, command in PARTS.items():
            self._parts[name] = self._spawn(name, command, environment)
        self._wait("all parts to be healthy", self._is_healthy)
        self._request("PATCH", f"/pools/{WRITER_POOL}", _POOL, create_at="/pools")
        self._wait("the DAGs to be read", self._has_dags)

    def _settings(self) -> dict[str, str]:
        passwords = self.home / "passwords.json"
        passwords.write_text(json.dumps({self.user: self.password}))
        passwords.chmod(0o600)
        return {
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{self.user}:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        }

    def _spawn(
        self, name: str, command: list[str], environment: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        if name == "api-server":
            command = [*command, "--port", str(self.port)]
        with (self.logs / f"{name}.log").open("ab") as log:
            # A session of its own: Ctrl-C reaches this program, which then stops the parts.
            return subprocess.Popen(
                [sys.executable, "-m", "airflow", *command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _run(self, *command: str, environment: dict[str, str]) -> None:
        process = self._spawn(command[0], list(command), environment)
        self._parts[command[0]] = process
        if process.wait() != 0:
            raise AirflowError(
                f"`airflow {' '.join(command)}` failed: see {self.logs / command[0]}.log."
            )

    def _is_healthy(self) -> bool:
        try:
            health = self._fetch("GET", "/monitor/health")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        return all(health[part]["status"] == "healthy" for part in ("scheduler", "dag_processor"))

    def _has_dags(self) -> bool:
        if errors := self._request("GET", "/importErrors")["import_errors"]:
            file, trace = errors[0]["filename"], errors[0]["stack_trace"]
            raise AirflowError(f"{file} cannot be read: {trace}")
        found = {dag["dag_id"] for dag in self._request("GET", "/dags")["dags"]}
        return found.issuperset(DAG_IDS)

    def _wait(self, what: str, is_done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not is_done():
            self._check_alive()
            if time.monotonic() > deadline:
                raise AirflowError(
                    f"Waited {START_TIMEOUT:.0f} s in vain for {what}: see the logs in {self.logs}."
                )
            time.sleep(POLL_SECONDS)

    def _check_alive(self) -> None:
        for name, process in self._parts.items():
            if name in PARTS and process.poll() is not None:
                raise AirflowError(
                    f"Airflow's {name} stopped by itself: see {self.logs / name}.log."
                )

    def stop(self) -> None:
        """Stop all parts with their children: first politely, then for good."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            for process in self._parts.values():
                _signal_group(process, sign)
            deadline = time.monotonic() + STOP_TIMEOUT
            for process in self._parts.values():
                try:
                    process.wait(max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    continue
        self._parts.clear()

    def wait_for_ever(self) -> None:
        """Return only when a part stops by itself."""
        while True:
            self._check_alive()
            time.sleep(POLL_SECONDS)

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run this DAG, without the run that its schedule asks for at once."""
        self._request("PATCH", f"/dags/{dag_id}", {"is_paused": False})
        due = self._request("GET", f"/dags/{dag_id}")["next_dagrun_run_after"]
        if due is None or datetime.fromisoformat(due) > datetime.now(UTC):
            return
        # A schedule's first run is for yesterday, whatever days the data are of. It is marked, not
        # deleted: the scheduler would make it again.
        self._wait(f"the first scheduled run of {dag_id}", lambda: bool(self._scheduled(dag_id)))
        for run_id in self._scheduled(dag_id):
            mark = {"state": "failed", "note": "Left out: there is no extract of this day."}
            self._request("PATCH", f"/dags/{dag_id}/dagRuns/{run_id}", mark)

    def _scheduled(self, dag_id: str) -> list[str]:
        return [run_id for run_id in self.runs(dag_id) if run_id.startswith("scheduled__")]

    def trigger(self, dag_id: str, **params: str) -> str:
        """Start a run by hand and give its id."""
        body = {"logical_date": None, "conf": params}
        run: dict[str, Any] = self._request("POST", f"/dags/{dag_id}/dagRuns", body)
        return str(run["dag_run_id"])

    def runs(self, dag_id: str) -> list[str]:
        """Give the ids of all runs of a DAG, oldest first."""
        listed = self._request("GET", f"/dags/{dag_id}/dagRuns?order_by=id&limit=100")
        return [run["dag_run_id"] for run in listed["dag_runs"]]

    def next_run(self, dag_id: str, known: list[str]) -> str:
        """Wait for a run that is not in `known`, as an asset event starts it, and give its id."""
        self._wait(f"a run of {dag_id}", lambda: len(self.runs(dag_id)) > len(known))
        return next(run for run in self.runs(dag_id) if run not in known)

    def follow(self, dag_id: str, run_id: str, report: Report = say) -> None:
        """Wait for the end of a run, reporting its tasks; AirflowError when it fails."""
        shown: set[tuple[str, int, str]] = set()
        while True:
            self._check_alive()
            state = self._request("GET", f"/dags/{dag_id}/dagRuns/{run_id}")["state"]
            tasks = self.tasks(dag_id, run_id)
            for task in sorted(tasks, key=lambda task: task["start_date"] or ""):
                line = _progress(dag_id, task)
                key = (task["task_id"], task["map_index"], task["state"])
                if line and key not in shown:
                    report(line)
                shown.add(key)
            if state == "success":
                return
            if state == "failed":
                raise AirflowError(self._why_failed(dag_id, run_id, tasks))
            time.sleep(POLL_SECONDS)

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Give the task instances of a run."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        listed: list[dict[str, Any]] = self._request("GET", path)["task_instances"]
        return listed

    def _why_failed(self, dag_id: str, run_id: str, tasks: list[dict[str, Any]]) -> str:
        failed = next((task for task in tasks if task["state"] == "failed"), None)
        if failed is None:
            return f"The run {run_id} of {dag_id} failed: see the logs in {self.logs}."
        where = self.logs / f"dag_id={dag_id}" / f"run_id={run_id}" / f"task_id={failed['task_id']}"
        sentence = self.sentence(where) or f"see the log in {where}."
        return f"{dag_id}: the task `{failed['task_id']}` failed. {sentence}"

    @staticmethod
    def sentence(task_log: Path) -> str:
        """Give the first error line of the newest log of a task, which is the one for people."""
        for path in sorted(task_log.rglob("*.log"), reverse=True):
            for line in path.read_text(errors="replace").splitlines():
                entry = json.loads(line) if line.startswith("{") else {}
                if entry.get("level") == "error":
                    causes = [cause["exc_value"] for cause in entry.get("error_detail") or ()]
                    return str(causes[0] if causes else entry["event"])
        return ""

    def _request(self, method: str, path: str, body: Any = None, create_at: str = "") -> Any:
        if not self._token:
            login = {"username": self.user, "password": self.password}
            self._token = self._fetch("POST", "/auth/token", login, root="")["access_token"]
        try:
            return self._fetch(method, path, body)
        except urllib.error.HTTPError as error:
            if error.code == 404 and create_at:
                return self._fetch("POST", create_at, body)
            detail = error.read().decode(errors="replace")
            raise AirflowError(f"Airflow refused {method} {path}: {detail}") from None

    def _fetch(self, method: str, path: str, body: Any = None, root: str = "/api/v2") -> Any:
        request = urllib.request.Request(
            f"{self.url}{root}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"},
            method=method,
        )
        # No proxy: the server is this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as response:
            answer = response.read()
        return json.loads(answer) if answer else None


_POOL = {
    "name": WRITER_POOL,
    "slots": 1,
    "description": "The warehouse has one writer",
    "include_deferred": False,
}


def _signal_group(process: subprocess.Popen[bytes], sign: signal.Signals) -> None:
    try:
        os.killpg(process.pid, sign)
    except ProcessLookupError:
        return


def _progress(dag_id: str, task: dict[str, Any]) -> str:
    state = task["state"]
    if state not in (*FINISHED, "running") or task["start_date"] is None:
        return ""
    word = {"success": "done", "running": "…"}.get(state, state)
    took = f"  {task['duration']:.0f} s" if state == "success" and task["duration"] else ""
    return f"  {dag_id:<15} {task['task_id']:<15} {word}{took}"


@contextmanager
def local_airflow(port: int | None = None) -> Iterator[LocalAirflow]:
    """Start an Airflow and stop it at the end, whatever happens in between."""
    airflow = LocalAirflow(port)
    # A polite kill ends like Ctrl-C, so that the parts are stopped then too.
    usual = {
        sign: signal.signal(sign, signal.default_int_handler)
        for sign in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    }
    try:
        airflow.start()
        yield airflow
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # an impatient second Ctrl-C leaves no orphans
        airflow.stop()
        for sign, handler in usual.items():
            signal.signal(sign, handler)
