#!/usr/bin/env bash
# Makes the dbt docs site of a built warehouse as one page that opens offline.
set -euo pipefail
cd "$(dirname "$0")/.."
exec python scripts/docs.py
