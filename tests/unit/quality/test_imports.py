"""What importing the gates costs, and that nothing is sent anywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def run_python(code: str, folder: Path) -> str:
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r}); {code}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_importing_the_gates_does_not_import_great_expectations(tmp_path: Path) -> None:
    code = (
        "import pipelines.quality, expectations.marts; print('great_expectations' in sys.modules)"
    )
    assert run_python(code, tmp_path) == "False"


def test_analytics_are_off_and_nothing_is_written_to_the_working_folder(tmp_path: Path) -> None:
    code = (
        "from datetime import date; from pipelines.quality.thresholds import read_policy; "
        "from expectations.marts import mart_suites; "
        "mart_suites(read_policy('beijing', date(2021, 1, 1))); "
        "import os; print(os.environ['GX_ANALYTICS_ENABLED'], 'posthog' in sys.modules)"
    )
    assert run_python(code, tmp_path) == "false False"
    assert list(tmp_path.iterdir()) == []
