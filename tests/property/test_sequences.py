"""Generated sequences of deliveries, builds and kills: some in every run, most in a nightly one."""

import pytest
from hypothesis import settings

from tests.property.conftest import SEQUENCES
from tests.property.recording import Recording
from tests.property.shards import run_shard

pytestmark = pytest.mark.nightly

NIGHTLY = (2, 3)


@pytest.mark.parametrize(
    "shard", [1, *(pytest.param(number, marks=pytest.mark.nightly) for number in NIGHTLY)]
)
def test_every_sequence_equals_a_full_refresh_and_the_oracle(
    recording: Recording, profile: settings, shard: int
) -> None:
    sequences = SEQUENCES * (5 if shard in NIGHTLY else 1)
    tally = run_shard(shard, recording, settings(profile, max_examples=sequences))
    assert tally.sequences >= sequences
    assert tally.builds >= sequences
