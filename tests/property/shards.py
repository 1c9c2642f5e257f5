"""Runs one shard of the generated sequences and says how much that was."""

import sys
import time

from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.property.machine import Deliveries
from tests.property.recording import Recording
from tests.property.replay import Sabotage, Tally, Warehouses


def run_shard(
    number: int, recording: Recording, profile: settings, sabotage: Sabotage | None = None
) -> Tally:
    """Runs the sequences of a shard; each shard has its own, the same ones in every run."""
    warehouses = Warehouses(recording, sabotage)
    shard = type(f"Shard{number}", (Deliveries,), {"warehouses": warehouses})
    started = time.monotonic()
    try:
        run_state_machine_as_test(seed(number)(shard), settings=profile)
    finally:
        seconds = time.monotonic() - started
        sys.stderr.write(f"\nshard {number}: {warehouses.tally} in {seconds:.0f} s\n")
        warehouses.con.close()
    return warehouses.tally
