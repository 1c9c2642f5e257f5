#!/usr/bin/env bash
# Writes docs/marts.md, then the dbt docs site of a built warehouse: one page that opens offline.
set -euo pipefail
cd "$(dirname "$0")/.."
python scripts/marts_page.py
exec python scripts/docs.py
