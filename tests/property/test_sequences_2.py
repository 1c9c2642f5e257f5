"""Shard 2 of the generated sequences; two files, so that two workers share them."""

from hypothesis import settings

from tests.property.conftest import SHARDS
from tests.property.recording import Recording
from tests.property.shards import run_shard


def test_every_sequence_equals_a_full_refresh_and_the_oracle(
    recording: Recording, profile: settings
) -> None:
    tally = run_shard(2, recording, profile)
    assert tally.sequences >= min(profile.max_examples, 300 // SHARDS)
    assert tally.builds >= tally.sequences
