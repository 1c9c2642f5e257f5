"""One recording of dbt's statements for all workers of a test run, and how sequences are made."""

import os
import pickle
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, Phase, settings

from tests.property.recording import Recording, record

# Generated sequences of a shard: in `make test`, and in a nightly run.
SEQUENCES = 12
NIGHTLY_SEQUENCES = int(os.environ.get("HOTLINE_SEQUENCES", "40"))


@pytest.fixture(scope="session")
def recording(shared_folder: Path) -> Recording:
    """What dbt executes; the first worker records, the others wait."""
    result = shared_folder / "recording.pickle"
    with FileLock(shared_folder / "recording.lock"):
        if not result.exists():
            result.write_bytes(pickle.dumps(record(shared_folder / "recording")))
    found = pickle.loads(result.read_bytes())
    assert isinstance(found, Recording)
    return found


@pytest.fixture(scope="session")
def profile() -> settings:
    """How sequences are generated; the same ones in every run."""
    return settings(
        stateful_step_count=5,
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
