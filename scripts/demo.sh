#!/usr/bin/env bash
# The demo (`make demo`): a simulated city in ./data/demo, run by Airflow. Replaces an earlier demo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export HOTLINE_HOME="$PWD/data/demo"
export HOTLINE_AIRFLOW_HOME="$HOTLINE_HOME/airflow"
export HOTLINE_SOURCE=beijing
. scripts/airflow_env.sh
exec .venv/bin/python scripts/demo.py
