"""The environment of a local Airflow, from the one place that states it."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "scripts" / "airflow_env.sh"


def airflow_environment(airflow_home: Path, home: Path) -> dict[str, str]:
    """What `scripts/airflow_env.sh` makes of the environment of this process."""
    shell = f"set -a; HOTLINE_AIRFLOW_HOME={airflow_home}; HOTLINE_HOME={home}; . {SCRIPT}; env -0"
    done = subprocess.run(["bash", "-ec", shell], check=True, capture_output=True, cwd=ROOT)
    pairs = (entry.split("=", 1) for entry in done.stdout.decode().split("\0") if "=" in entry)
    return dict(pairs)
