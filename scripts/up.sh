#!/usr/bin/env bash
# Airflow with its web page (`make up`), on the data of HOTLINE_HOME (./data). Ctrl-C stops it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [[ -f .env ]]; then
  set -a
  . ./.env
  set +a
fi
. scripts/airflow_env.sh
exec .venv/bin/python scripts/up.py
