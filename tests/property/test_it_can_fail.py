"""The property can fail: with one recorded statement changed, a difference is found."""

import re
from collections.abc import Callable

import pytest
from hypothesis import Phase, settings

from tests.property.recording import Node, Recording
from tests.property.shards import run_shard

pytestmark = pytest.mark.nightly


def old_rows_are_kept(node: Node, statement: str) -> str:
    """Rows of affected contacts are added again, and the old ones are not deleted."""
    if node.name != "core_appeals":
        return statement
    return re.sub(r"^delete from .*?;", "", statement, flags=re.S)


def the_last_delivery_wins(node: Node, statement: str) -> str:
    """The newest version goes by extract day and line, whatever `updated_at` says."""
    if node.name != "stg_dispatches":
        return statement
    return re.sub(r"updated_at desc nulls last,", "", statement)


@pytest.mark.parametrize("sabotage", [old_rows_are_kept, the_last_delivery_wins])
def test_a_changed_statement_is_found(
    recording: Recording, profile: settings, sabotage: Callable[[Node, str], str]
) -> None:
    texts = [(node, text) for node in recording.nodes for text in node.statements["incremental"]]
    assert any(sabotage(node, text) != text for node, text in texts), "nothing to sabotage"
    unshrunk = settings(profile, phases=(Phase.generate,), max_examples=100)
    with pytest.raises(AssertionError, match="is not what a full refresh gives"):
        run_shard(1, recording, unshrunk, sabotage)
