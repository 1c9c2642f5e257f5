"""The state of a home is shown even where something in it is damaged."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from pipelines.load import load_range
from pipelines.load.store import raw_file
from pipelines.settings import Settings
from pipelines.status import status
from tests.conftest import DAY, contacts_csv

Deliver = Callable[..., Path]


def test_an_empty_home(settings: Settings) -> None:
    state = status(settings)
    assert [(feed.days, feed.accepted) for feed in state.feeds] == [(0, 0)] * 6
    assert (state.published, state.rankings, state.unclaimed) == (None, [], [])


def test_what_is_damaged_is_named_and_not_counted(settings: Settings, deliver: Deliver) -> None:
    for offset in range(3):
        deliver(contacts_csv({}, {"contact_id": "C2"}), day=DAY + timedelta(days=offset))
    deliver("x", suffix=".txt")
    load_range(settings, feeds=["contacts"])
    damaged = raw_file(settings, "contacts", DAY + timedelta(days=1))
    damaged.write_bytes(b"PAR1 no more")
    stray = settings.raw / "contacts" / "extract_date=foo" / "part.parquet"
    stray.parent.mkdir()
    stray.write_bytes(raw_file(settings, "contacts", DAY).read_bytes())
    settings.published.mkdir(parents=True)
    state = status(settings)
    contacts = state.feeds[0]
    assert (contacts.days, contacts.first_day, contacts.last_day, contacts.accepted) == (
        2,
        DAY,
        DAY + timedelta(days=2),
        4,
    )
    assert contacts.damaged == (str(damaged), str(stray))
    assert state.unclaimed == ["contacts/contacts_20210301.txt"]
    assert state.published is None
    assert load_range(settings, feeds=["contacts"])[1].outcome == "loaded"
    assert status(settings).feeds[0].accepted == 6
