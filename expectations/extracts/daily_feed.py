"""What every daily feed promises, whatever a row of it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from expectations.check import Check, Policy, Suite, not_null, within

DayCheck = Callable[..., Check | None]

_AGAIN = "ask the source for the extract of that day again, put it into landing and load it."


@dataclass(frozen=True)
class Feed:
    """A daily feed: its name, its key, and when the thing that a row is about happened."""

    name: str
    key: str
    event_at: str


def day_check(policy: Policy) -> DayCheck:
    """Return `within` for the days of a feed, which are named by their date."""
    return partial(within, policy, label="extract_date")


def row_suite(feed: Feed, *more: Check) -> Suite:
    """Return the suite over the rows of a feed."""
    key = not_null(
        f"{feed.name}_key_present",
        column=feed.key,
        label="_source_file || ', line ' || _source_line",
        severity="error",
        description=f"Every row of {feed.name} has a {feed.key}. Without one, rows cannot be "
        "distinguished and corrections never find what they correct.",
        resolution="Correct the source contract if it maps the key from the wrong header; "
        f"otherwise {_AGAIN}",
    )
    relation = f"select * from {feed.name}_rows"
    return Suite.of(f"{feed.name}_rows", f"raw.{feed.name}", relation, key, *more)


def day_suite(feed: Feed, policy: Policy, *more: Check | None) -> Suite:
    """Return the suite over the days of a feed: one row per extract day."""
    day = day_check(policy)
    return Suite.of(
        f"{feed.name}_days",
        f"raw.{feed.name}",
        f"select * from {feed.name}_days",
        *_counts(feed, day),
        *_keys(feed, day),
        *_times(feed, day),
        *_volumes(feed, day),
        *more,
    )


def _counts(feed: Feed, day: DayCheck) -> list[Check | None]:
    return [
        day(
            f"{feed.name}_counts_add_up",
            column="count_gap",
            severity="error",
            description="Lines read = accepted + quarantined + exact duplicates, as written into "
            "the day's Parquet file. A difference means that lines were lost or made up.",
            resolution="Load the day again from landing; if the difference remains, do not publish "
            "and report the file and its four counts (quality.loads) as a defect of the load.",
        ),
        day(
            f"{feed.name}_rows_as_counted",
            column="row_gap",
            severity="error",
            description="The day's Parquet file holds as many rows as its load accepted. "
            "A difference means that the file was changed or damaged after it was loaded.",
            resolution="Delete the day's raw partition and load it again from landing.",
        ),
        day(
            f"{feed.name}_quarantined_share",
            column="quarantined_share",
            severity="warn",
            description="Share of a day's lines that could not be read. It matters when a "
            "header, a date format or an encoding changes at the source.",
            resolution="List the reasons with `hotline quarantine list`; correct the contract, "
            "or send the lines back to the source.",
        ),
        day(
            f"{feed.name}_at_export_limit",
            column="lines_at_limit",
            severity="warn",
            description="Lines of a day that has exactly as many as a program gives that was not "
            "asked for all (1,000, 5,000, a full sheet). The rest of the day may be missing.",
            resolution=f"Ask the source how many lines the day has; if there are more, {_AGAIN}",
        ),
    ]


def _keys(feed: Feed, day: DayCheck) -> list[Check | None]:
    return [
        day(
            f"{feed.name}_key_repeated",
            column="key_repeats",
            severity="warn",
            description=f"Rows of one extract day that share a {feed.key} but differ. The newest "
            "updated_at wins; it matters when both carry the same one.",
            resolution="Ask the source why it delivers one key twice a day with different "
            "content; nothing is lost meanwhile.",
        ),
        day(
            f"{feed.name}_key_repeated_share",
            column="key_repeat_share",
            severity="error",
            description=f"Share of a day's rows whose {feed.key} was already there. A large share "
            "means the key is not what the contract takes it for, and rows would replace others.",
            resolution=f"Correct the key in the source contract; or {_AGAIN}",
        ),
    ]


def _times(feed: Feed, day: DayCheck) -> list[Check | None]:
    checks = []
    for column, name in ((feed.event_at, "event"), ("updated_at", "updated")):
        checks += [
            day(
                f"{feed.name}_{name}_in_future",
                column=f"{name}_in_future",
                severity="warn",
                description=f"Rows whose {column} is after the end of their extract day. Such a "
                "row falls into a wrong statistical period, or beats every later correction.",
                resolution="Report the rows to the source; a corrected extract of the day replaces "
                "them.",
            ),
            day(
                f"{feed.name}_{name}_in_future_share",
                column=f"{name}_in_future_share",
                severity="error",
                description=f"Share of a day's rows whose {column} is after the end of the extract "
                "day. A large share means a wrong date format, time zone or file name.",
                resolution="Compare the file's dates with the formats and the file pattern in the "
                f"source contract and load again; or {_AGAIN}",
            ),
        ]
    return [
        *checks,
        day(
            f"{feed.name}_oldest_event",
            column="oldest_event_days",
            severity="warn",
            description=f"Age of the oldest {feed.event_at} in a day's extract. Absurd ages come "
            "from a misread year or a placeholder date.",
            resolution="Look the row up by its date in raw; correct the date formats or null words "
            "of the source contract, or report the row to the source.",
        ),
        day(
            f"{feed.name}_newest_update",
            column="newest_update_lag_days",
            severity="warn",
            description="Days between the extract day and the newest updated_at in it. More than "
            "the policy allows means an old extract under a new name.",
            resolution=f"Compare the file with the one of the day before; if it is old, {_AGAIN}",
        ),
    ]


def _volumes(feed: Feed, day: DayCheck) -> list[Check | None]:
    return [
        day(
            f"{feed.name}_volume_ratio",
            column="volume_ratio",
            severity="warn",
            description="A day's rows divided by the median of recent days of the same kind "
            "(working day or weekend). Far from 1 means a part is missing or history came along.",
            resolution="Ask the source whether the day was unusual (storm, cold, holiday, outage); "
            f"if not, {_AGAIN}",
        ),
        day(
            f"{feed.name}_empty_days",
            column="is_empty",
            severity="warn",
            description="Extract days that were delivered without a single row. Right for a "
            "quiet feed, wrong for a hotline that is never silent.",
            resolution=f"Ask the source whether nothing happened; if something did, {_AGAIN}",
        ),
        day(
            f"{feed.name}_missing_days",
            column="is_missing",
            severity="warn",
            description="Days of the range without any extract of a feed that is otherwise "
            "delivered. Its rows of that day are absent from every mart.",
            resolution=f"If a delivery is late, run the day again when it came; if lost, {_AGAIN}",
        ),
    ]
