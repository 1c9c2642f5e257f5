"""Generated sequences of deliveries, builds and kills: some in every run, most in a nightly one."""

import pytest
from hypothesis import settings

from tests.property.conftest import NIGHTLY_SEQUENCES, SEQUENCES
from tests.property.recording import Recording
from tests.property.shards import run_shard


def nightly(shard: int) -> object:
    return pytest.param(shard, NIGHTLY_SEQUENCES, marks=pytest.mark.nightly)


@pytest.mark.parametrize(("shard", "sequences"), [(1, SEQUENCES), nightly(2), nightly(3)])
def test_every_sequence_equals_a_full_refresh_and_the_oracle(
    recording: Recording, profile: settings, shard: int, sequences: int
) -> None:
    tally = run_shard(shard, recording, settings(profile, max_examples=sequences))
    assert tally.sequences >= sequences
    assert tally.builds >= sequences
    assert tally.oracle_rows > 0
