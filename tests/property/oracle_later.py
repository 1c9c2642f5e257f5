"""More tables of the second opinion: callers, recurrences, what units do, and late data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from tests.property.oracle import Oracle

Table = tuple[list[str], pd.DataFrame]

UNKNOWN = "unknown"
RECURRENCE = pd.Timedelta(days=30)


def later_tables(oracle: Oracle) -> dict[str, Table]:
    """Per published table its key and the rows that must stand there."""
    return {
        "rpt_callers": _callers(oracle.contacts),
        "fct_point_recurrences": _recurrences(oracle.appeals, oracle.as_of),
        "fct_whistles": _whistles(oracle.dispatches),
        "rpt_unit_workload_monthly": _workload(oracle.dispatches, oracle.last_period()),
        "rpt_settlement_monthly": _settlement(oracle.ratings),
        "rpt_unit_portraits_monthly": _portraits(oracle.dispatches),
    }


def owner_level(kinds: list[str]) -> str | None:
    """Where an appeal ended up, by the types of its leading units in their order."""
    if not kinds or kinds[-1] == UNKNOWN:
        return None
    if kinds[-1] == "street":
        return "street"
    if "street" in kinds:
        return "carried_up"
    return None if UNKNOWN in kinds else "above_street"


def _callers(contacts: pd.DataFrame) -> Table:
    days = contacts["received_on"]
    spans = {
        "day": days.dt.strftime("%Y-%m-%d"),
        "period": contacts["period"],
        "year": days.dt.strftime("%Y"),
    }
    rows = []
    for span, codes in spans.items():
        for code, part in contacts.groupby(codes):
            calls = part["caller_key"].dropna().value_counts()
            appeals = part[part["order_type"] == "appeal"]
            rows.append(
                {
                    "span": span,
                    "span_code": code,
                    "contacts": len(part),
                    "appeals": len(appeals),
                    "contacts_with_caller": int(calls.sum()),
                    "distinct_callers": len(calls),
                    "appeal_callers": appeals["caller_key"].nunique(),
                    "repeat_callers": int((calls >= 2).sum()),
                }
            )
    names = "span span_code contacts appeals contacts_with_caller distinct_callers"
    columns = [*names.split(), "appeal_callers", "repeat_callers"]
    return ["span", "span_code"], pd.DataFrame(rows, columns=columns)


def _recurrences(appeals: pd.DataFrame, as_of: pd.Timestamp) -> Table:
    same = ["problem_code", "street_code", "point"]  # Generated rows name no community.
    known = appeals[
        appeals["is_in_volume"]
        & appeals["point"].notna()
        & (appeals["street_code"] != UNKNOWN)
        & (appeals["problem_code"] != UNKNOWN)
    ]
    rows = []
    for row in known.itertuples():
        if row.status != "closed" or pd.isna(row.closed_at) or row.quality_flags is not None:
            continue
        there = known[(known[same] == [getattr(row, name) for name in same]).all(axis=1)]
        later = there[there["received_at"] > row.closed_at].sort_values(
            ["received_at", "contact_id"]
        )
        ends = row.closed_at + RECURRENCE
        came = later["received_at"].iloc[0] if len(later) else pd.NaT
        within = not pd.isna(came) and came <= ends
        rows.append(
            {
                "contact_id": row.contact_id,
                "point": row.point,
                "window_ends_at": ends,
                "is_window_over": ends <= as_of,
                "recurred_at": came,
                "recurred_contact_id": later["contact_id"].iloc[0] if len(later) else None,
                "is_recurring": True if within else False if ends <= as_of else None,
            }
        )
    names = "contact_id point window_ends_at is_window_over recurred_at recurred_contact_id"
    columns = [*names.split(), "is_recurring"]
    return ["contact_id"], pd.DataFrame(rows, columns=columns, dtype=object)


def _whistles(dispatches: pd.DataFrame) -> Table:
    called = dispatches[(dispatches["route"] == "whistle") & (dispatches["role"] == "assist")]
    rows = []
    for contact_id, part in called.groupby("contact_id"):
        answers = part.groupby("unit_code")["has_reported"].agg(
            lambda values: 1.0 if values.eq(1).any() else None if values.isna().any() else 0.0
        )
        came = sorted(answers.index[answers.eq(1).to_numpy(bool)])
        absent = sorted(answers.index[answers.eq(0).to_numpy(bool)])
        rows.append(
            {
                "contact_id": contact_id,
                "first_whistled_at": part["dispatched_at"].min(),
                "called_units": len(answers),
                "reported_units": len(came),
                "absent_units": len(absent),
                "undecided_units": int(answers.isna().sum()),
                "reported_unit_codes": ",".join(came) or None,
                "absent_unit_codes": ",".join(absent) or None,
            }
        )
    names = "contact_id first_whistled_at called_units reported_units absent_units"
    columns = [*names.split(), "undecided_units", "reported_unit_codes", "absent_unit_codes"]
    return ["contact_id"], pd.DataFrame(rows, columns=columns, dtype=object)


def _workload(dispatches: pd.DataFrame, last_period: str) -> Table:
    keys = ["period", "unit_code"]
    rows = dispatches.assign(
        **{word: dispatches["status"] == word for word in ("closed", "open", "returned")},
        late=dispatches["is_overdue"] == 1,
        hard=dispatches["is_hard_case"].eq(True),
    )
    handed = rows.groupby(keys).agg(
        received=("dispatch_id", "size"),
        closed=("closed", "sum"),
        open=("open", "sum"),
        returned=("returned", "sum"),
        overdue=("late", "sum"),
        known_overdue=("is_overdue", "count"),
        hard_cases=("hard", "sum"),
        median_handling_hours=("handling_hours", "median"),
    )
    closings = rows[rows["closed"]].groupby(["closing_period", "unit_code"]).size()
    closings = closings.rename("closed_in_period").rename_axis(keys)
    found = handed.join(closings, how="outer")
    spans = found.reset_index().groupby("unit_code")["period"].min().items()
    each = [(month, unit) for unit, first in spans for month in _months(first, last_period)]
    found = found.reindex(found.index.union(pd.DataFrame(each, columns=keys).set_index(keys).index))
    found = found.reset_index()
    whole = [name for name in found.columns if name != "median_handling_hours"]
    found[whole] = found[whole].fillna(0)
    # Row by row against all hand-overs, where the table adds up along the periods.
    stay = rows[rows["status"] != "returned"]
    start, end = [], []
    for period, unit in found[keys].itertuples(index=False):
        own = stay[stay["unit_code"] == unit]
        last = own["closing_period"].fillna("9999-99")
        start.append(int(((own["period"] < period) & (last >= period)).sum()))
        end.append(int(((own["period"] <= period) & (last > period)).sum()))
    found = found.assign(backlog_at_start=start, backlog_at_end=end)
    has_row = found[["received", "closed_in_period", "backlog_at_start"]].gt(0).any(axis=1)
    return keys, found[has_row]


def _months(first: str, last: str) -> list[str]:
    return list(pd.period_range(first, last, freq="M").strftime("%Y-%m"))


def _settlement(ratings: pd.DataFrame) -> Table:
    keys = ["period", "unit_code"]
    then = ratings["is_valid_at_close"]
    full = then & ratings["assessment_scope"].eq("full")
    answer = ratings["satisfaction"]
    rows = ratings[keys].assign(
        valid_at_close=then,
        responded_at_close=then & ratings["is_responded"].eq(True),
        valid_full_at_close=full,
        resolved_at_close=full & ratings["is_resolved"].eq(True),
        satisfied_at_close=full & answer.eq("satisfied"),
        basically_satisfied_at_close=full & answer.eq("basically_satisfied"),
        late_followups=ratings["is_late"],
        late_exclusions=then & ~ratings["is_valid"],
    )
    return keys, rows.groupby(keys, as_index=False).sum()


def _portraits(dispatches: pd.DataFrame) -> Table:
    keys = ["period", "unit_code", "problem_code"]
    led = dispatches[dispatches["role"] == "lead"]
    rows = led.assign(returned=led["status"] == "returned", late=led["is_overdue"] == 1).groupby(
        keys, as_index=False
    )
    found = rows.agg(
        received=("dispatch_id", "size"),
        returned=("returned", "sum"),
        overdue=("late", "sum"),
        known_overdue=("is_overdue", "count"),
    ).sort_values(keys)
    found["share"] = found["received"] / found.groupby(keys[:2])["received"].transform("sum")
    history = found.groupby(keys[1:])["period"]
    found["periods_seen"] = history.cumcount() + 1
    found["first_period"] = history.transform("min")
    return keys, found
