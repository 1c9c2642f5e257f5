"""Airflow with its web page until Ctrl-C; called by `scripts/up.sh`."""

from __future__ import annotations

import os
import socket
import sys

from local_airflow import AirflowError, free_port, local_airflow, say

USUAL_PORT = 8080


def main() -> int:
    """Start Airflow, say where it is, and keep it up."""
    say("Airflow is starting; it takes about half a minute.")
    try:
        with local_airflow(_port()) as airflow:
            say(f"Web page  {airflow.url}")
            say(f"Login     {airflow.user}")
            say(f"Password  {airflow.password}   (a new one at every start)")
            say(f"Data      {os.environ['HOTLINE_HOME']}")
            say(f"Logs      {airflow.logs}")
            if not os.environ.get("HOTLINE_CALLER_KEY"):
                say("HOTLINE_CALLER_KEY is not set (see .env.example): loading callers will fail.")
            say("The DAGs are paused at first: switch on those that shall run. Ctrl-C stops all.")
            airflow.wait_for_ever()
    except AirflowError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Airflow is stopped.")
    return 0


def _port() -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", USUAL_PORT))
        except OSError:
            return free_port()
    return USUAL_PORT


if __name__ == "__main__":
    sys.exit(main())
