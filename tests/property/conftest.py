"""One recording of dbt's statements for all workers of a test run, and the profiles."""

import os
import pickle
from collections.abc import Iterator

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, Phase, settings

from pipelines.warehouse import changes
from tests.property.recording import Recording, record

SHARDS = 2
# Sequences per shard: a little over what must really run.
EXAMPLES = {"ci": 151, "long": 2510, "try": 10}
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci")

for name, examples in EXAMPLES.items():
    settings.register_profile(
        name,
        max_examples=examples,
        stateful_step_count=5,
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Recording:
    """What dbt executes; the first worker records, the others wait."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    result = shared / "recording.pickle"
    with FileLock(shared / "recording.lock"):
        if not result.exists():
            result.write_bytes(pickle.dumps(record(shared / "recording")))
    found = pickle.loads(result.read_bytes())
    assert isinstance(found, Recording)
    return found


@pytest.fixture(autouse=True)
def rules_as_recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The rules are those of the recording, also where someone edits a model meanwhile."""
    monkeypatch.setattr(changes, "rules_fingerprint", lambda: "as recorded")
    yield


@pytest.fixture
def profile() -> settings:
    """The profile that HYPOTHESIS_PROFILE names; `ci` without it."""
    return settings.get_profile(PROFILE)
