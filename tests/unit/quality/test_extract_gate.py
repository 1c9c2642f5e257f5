"""The gate on extracts: every check fires on its fault, and on nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from expectations.extracts import extract_suites
from pipelines.errors import HotlineError
from pipelines.quality import validate_extracts
from pipelines.quality.thresholds import read_policy
from pipelines.settings import Settings
from tests.unit.quality.extract_home import CLEAN, EVENTS, KEYS, LAST, ROWS, write_clean, write_day

FEEDS = tuple(CLEAN)
DAY_BEFORE = date(2021, 3, 29)


def in_every_feed(
    make: Callable[[str], dict[str, object]],
) -> Callable[[Path], None]:
    """Plant the same fault in the last day of every feed."""

    def plant(home: Path) -> None:
        for feed in FEEDS:
            write_day(home, feed, **make(feed))  # type: ignore[arg-type]

    return plant


def every_feed(*endings: str) -> set[str]:
    """Names of a check that every feed has."""
    return {f"{feed}_{ending}" for feed in FEEDS for ending in endings}


def one_late(column: str, rows: int = 1) -> dict[str, str]:
    """Rows after midnight of the day after."""
    clean = next(columns[column] for columns in CLEAN.values() if column in columns)
    return {column: f"if(i < {rows}, cast($day + 1 as timestamp), {clean})"}


def remove_last_day(home: Path) -> None:
    """Take the last day away from every feed."""
    for feed in FEEDS:
        shutil.rmtree(home / "raw" / feed / f"extract_date={LAST}")


# Fault → what is planted, and exactly the checks that must fail.
FAULTS: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    "a line was lost": (
        in_every_feed(lambda _: {"counts": {"lines_read": ROWS + 1}}),
        every_feed("counts_add_up"),
    ),
    "a line was made up": (
        in_every_feed(lambda _: {"counts": {"duplicates": 1}}),
        every_feed("counts_add_up"),
    ),
    "the file lost a row after its load": (
        in_every_feed(lambda _: {"counts": {"lines_read": ROWS + 1, "accepted": ROWS + 1}}),
        every_feed("rows_as_counted"),
    ),
    "two of 122 lines were quarantined": (
        in_every_feed(lambda _: {"counts": {"lines_read": ROWS + 2, "quarantined": 2}}),
        every_feed("quarantined_share"),
    ),
    "a program gave the first thousand lines": (
        in_every_feed(lambda _: {"rows": 1000}),
        every_feed("at_export_limit") | every_feed("volume_ratio"),
    ),
    "a row has no key": (
        in_every_feed(
            lambda feed: {"columns": {KEYS[feed]: f"if(i = 3, null, {CLEAN[feed][KEYS[feed]]})"}}
        ),
        every_feed("key_present"),
    ),
    "one key came twice": (
        in_every_feed(
            lambda feed: {
                "columns": {
                    KEYS[feed]: CLEAN[feed][KEYS[feed]].replace("|| i", "|| greatest(i, 1)")
                }
            }
        ),
        every_feed("key_repeated"),
    ),
    "every key came twice": (
        in_every_feed(
            lambda feed: {
                "columns": {KEYS[feed]: CLEAN[feed][KEYS[feed]].replace("|| i", "|| i // 2")}
            }
        ),
        every_feed("key_repeated", "key_repeated_share"),
    ),
    "one row happened after its extract": (
        in_every_feed(lambda feed: {"columns": one_late(EVENTS[feed])}),
        every_feed("event_in_future"),
    ),
    "one row in ten happened after its extract": (
        in_every_feed(lambda feed: {"columns": one_late(EVENTS[feed], 12)}),
        every_feed("event_in_future", "event_in_future_share"),
    ),
    "one row changed after its extract": (
        in_every_feed(lambda _: {"columns": one_late("updated_at")}),
        every_feed("updated_in_future"),
    ),
    "one row in ten changed after its extract": (
        in_every_feed(lambda _: {"columns": one_late("updated_at", 12)}),
        every_feed("updated_in_future", "updated_in_future_share"),
    ),
    "one row is from 1921": (
        in_every_feed(
            lambda feed: {
                "columns": {
                    EVENTS[feed]: f"if(i = 0, timestamp '1921-03-30', {CLEAN[feed][EVENTS[feed]]})"
                }
            }
        ),
        every_feed("oldest_event"),
    ),
    "an old extract under a new name": (
        in_every_feed(
            lambda feed: {
                "columns": {
                    name: sql.replace("$day", "($day - 1)") for name, sql in CLEAN[feed].items()
                }
            }
        ),
        every_feed("newest_update"),
    ),
    "three times the usual volume": (
        in_every_feed(lambda _: {"rows": 3 * ROWS}),
        every_feed("volume_ratio"),
    ),
    "a day with a header only": (
        in_every_feed(lambda _: {"rows": 0}),
        every_feed("empty_days"),
    ),
    "a day that was not delivered": (remove_last_day, every_feed("missing_days")),
    "every contact is an appeal": (
        lambda home: write_day(home, "contacts", columns={"order_type": "'appeal'"}),
        {"contacts_appeal_share"},
    ),
    "no channel is called phone": (
        lambda home: write_day(home, "contacts", columns={"channel_code": "'tel'"}),
        {"contacts_phone_share"},
    ),
    "no contact has a place": (
        lambda home: write_day(
            home,
            "contacts",
            columns={
                "district_code": "cast(null as varchar)",
                "street_code": "cast(null as varchar)",
            },
        ),
        {"contacts_without_place_share"},
    ),
    "a caller's number was not hashed": (
        lambda home: write_day(
            home, "contacts", columns={"caller_key": "if(i = 9, '01000000009', null)"}
        ),
        {"contacts_caller_hashed"},
    ),
    "no dispatch names a unit": (
        lambda home: write_day(home, "dispatches", columns={"unit_code": "cast(null as varchar)"}),
        {"dispatches_without_unit_share"},
    ),
    "one dispatch was closed after its extract": (
        lambda home: write_day(home, "dispatches", columns=one_late("closed_at")),
        {"dispatches_closed_in_future_share"},
    ),
    "no follow-up reached anyone": (
        lambda home: write_day(home, "ratings", columns={"is_reached": "false"}),
        {"ratings_reached_share"},
    ),
}


@pytest.fixture(scope="module")
def clean_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("clean")
    write_clean(home)
    return home


@pytest.fixture
def home(clean_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(clean_home, tmp_path / "home"))


def failed(home: Path, source: str = "beijing", start: date = DAY_BEFORE) -> set[str]:
    outcome = validate_extracts(Settings(home=home, source=source), start, LAST)
    return {result.check_id for result in (*outcome.errors, *outcome.warnings)}


def test_clean_extracts_pass_every_check(home: Path) -> None:
    outcome = validate_extracts(Settings(home=home), DAY_BEFORE, LAST)
    assert (outcome.errors, outcome.warnings) == ([], [])
    assert outcome.passed == len(declared())
    outcome.raise_on_errors()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_fails_its_checks_and_no_other(home: Path, fault: str) -> None:
    plant, expected = FAULTS[fault]
    plant(home)
    assert failed(home) == expected


def declared() -> dict[str, str]:
    suites = extract_suites(read_policy("beijing", LAST), FEEDS)
    return {check.check_id: check.severity for suite in suites for check in suite.checks}


def test_every_declared_check_has_a_planted_fault() -> None:
    assert set(declared()) == set().union(*(expected for _, expected in FAULTS.values()))


def test_lost_lines_are_an_error_and_name_the_day_the_file_and_the_way_out(home: Path) -> None:
    write_day(home, "contacts", counts={"lines_read": ROWS + 4})
    outcome = validate_extracts(Settings(home=home), DAY_BEFORE, LAST)
    with pytest.raises(HotlineError) as raised:
        outcome.raise_on_errors()
    message = str(raised.value)
    assert "contacts_counts_add_up on raw.contacts: 2021-03-30: 4 (allowed: 0 to 0)" in message
    assert "the published file is unchanged" in message
    assert "Load the day again from landing" in message
    assert "\n" not in message


def test_a_file_without_counts_is_an_error(home: Path) -> None:
    file = home / "raw" / "ratings" / f"extract_date={LAST}" / "part.parquet"
    other = file.with_name("other")
    duckdb.execute(
        f"copy (select * from read_parquet('{file}', hive_partitioning = false)) "
        f"to '{other}' (format parquet)"
    )
    other.rename(file)
    assert failed(home) == {"ratings_counts_add_up", "ratings_rows_as_counted"}


def test_a_warning_does_not_end_a_run(home: Path) -> None:
    write_day(home, "contacts", rows=0)
    outcome = validate_extracts(Settings(home=home), LAST, LAST)
    outcome.raise_on_errors()
    assert [result.check_id for result in outcome.warnings] == ["contacts_empty_days"]


def test_all_failing_rows_are_counted_beyond_the_cap_of_great_expectations(home: Path) -> None:
    write_day(home, "contacts", rows=450, columns={"caller_key": "'no hash'"})
    outcome = validate_extracts(Settings(home=home), LAST, LAST)
    (error,) = outcome.errors
    assert (error.check_id, error.unexpected_count) == ("contacts_caller_hashed", 450)
    assert error.observed.endswith("and 447 more")


def test_a_feed_that_is_never_delivered_has_no_checks(tmp_path: Path) -> None:
    write_clean(tmp_path, ("contacts",))
    outcome = validate_extracts(Settings(home=tmp_path), LAST, LAST)
    assert (outcome.errors, outcome.warnings) == ([], [])
    assert outcome.passed == sum(name.startswith("contacts_") for name in declared())


def test_a_small_day_is_not_judged_by_its_shares(tmp_path: Path) -> None:
    write_day(
        tmp_path, "contacts", rows=3, columns={"order_type": "'appeal'"} | one_late("received_at")
    )
    assert failed(tmp_path) == {"contacts_event_in_future"}


def test_a_whole_range_is_one_run_and_names_every_bad_day(home: Path) -> None:
    for day in (1, 15):
        write_day(home, "contacts", date(2021, 3, day), columns={"order_type": "'appeal'"})
    outcome = validate_extracts(Settings(home=home), date(2021, 3, 1), LAST)
    (warning,) = outcome.warnings
    assert warning.observed == "2021-03-01: 1.0, 2021-03-15: 1.0 (allowed: 0.2 to 0.75)"


def test_nothing_loaded_is_an_error_in_one_sentence(home: Path) -> None:
    with pytest.raises(HotlineError, match="No extract of contacts, dispatches or ratings between"):
        validate_extracts(Settings(home=home), date(2022, 1, 1), date(2022, 1, 2))


def test_a_damaged_partition_is_an_error_in_one_sentence(home: Path) -> None:
    file = home / "raw" / "contacts" / f"extract_date={LAST}" / "part.parquet"
    file.write_bytes(b"not parquet")
    with pytest.raises(HotlineError, match="cannot be read"):
        validate_extracts(Settings(home=home), LAST, LAST)
