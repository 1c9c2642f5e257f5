"""Dispatches to units, with due times, working time, their chain, and who came when called."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .joining import flags, hours, with_contact
from .reading import Landing
from .rules import Rules
from .units import UNKNOWN
from .working import limits


def build_dispatches(
    landing: Landing,
    contacts: pd.DataFrame,
    rules: Rules,
    periods: list[str],
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """One row per dispatch, in the order of its contact."""
    rows = with_contact(landing.newest("dispatches"), contacts)
    rows["exclusion"] = rows["appeal_exclusion"]
    rows["unit_type"] = rules.units.types_on(rows["unit_code"], rows["dispatched_at"])
    rows["dispatched_on"] = rows["dispatched_at"].dt.normalize()
    rows["period"] = rules.periods_of(rows["dispatched_at"], periods)
    rows["urgency"] = np.where(rows["is_hard_case"].eq(True), "hard", "normal")
    allowed = pd.to_timedelta(limits(rules.deadlines, rows), unit="h")
    rows["policy_due_at"] = rows["dispatched_at"] + allowed
    rows["effective_due_at"] = rows["due_at"].fillna(rows["policy_due_at"])
    given, signed, closed = rows["dispatched_at"], rows["accepted_at"], rows["closed_at"]
    contradictions = {
        "accepted_before_dispatched": signed < given,
        "closed_before_dispatched": closed < given,
        "closed_before_accepted": closed < signed,
        "dispatched_before_received": given < rows["received_at"],
    }
    sound = ~pd.DataFrame(contradictions).any(axis=1)
    rows["quality_flags"] = flags(
        rows, **contradictions, dispatch_without_contact=~rows["has_contact"]
    )
    rows["hours_to_accept"] = hours(given, signed).where(sound)
    # One that was given back may come with a time as well; it was not handled.
    handled = closed.where(sound & (rows["status"] == "closed"))
    rows["handling_hours"] = hours(given, handled)
    time = rules.working_time
    rows["working_hours_to_accept"] = time.hours(given, signed.where(sound))
    rows["handling_working_hours"] = time.hours(given, handled)
    # Closed before it was given, or nobody knows when: as if at once.
    ended = pd.concat([given, closed], axis=1).max(axis=1)
    rows["ended_at"] = ended.where(rows["status"] == "closed")
    rows["closing_period"] = rules.periods_of(rows["ended_at"], periods)
    rows["is_overdue"] = is_overdue(rows, as_of).where(sound)
    rows["has_reported"] = has_reported(rows, as_of)
    return with_chain(rows)


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """The dispatches of each contact in their order: by number (none is 0), time, id."""
    numbered = rows.assign(position=rows["sequence_no"].fillna(0))
    order = ["contact_id", "position", "dispatched_at", "dispatch_id"]
    return numbered.sort_values(order).drop(columns="position").reset_index(drop=True)


def with_chain(rows: pd.DataFrame) -> pd.DataFrame:
    """Adds the number in the order, the next leading dispatch and the unit at the end."""
    rows = in_order(rows)
    rows["dispatch_no"] = rows.groupby("contact_id").cumcount() + 1
    lead = rows[rows["role"] == "lead"]
    per_contact = lead.groupby("contact_id")
    rows["next_dispatch_id"] = per_contact["dispatch_id"].shift(-1).reindex(rows.index)
    last = lead.drop_duplicates("contact_id", keep="last")
    rows["is_final_owner"] = rows["dispatch_id"].isin(last["dispatch_id"])
    owners = last.set_index("contact_id")["unit_code"].reindex(rows["contact_id"])
    rows["final_unit_code"] = owners.fillna(UNKNOWN).to_numpy()
    return rows


def is_overdue(rows: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """1, 0 or missing: closed late; open and due before `as_of`; returned is neither."""
    late = pd.Series(np.nan, index=rows.index)
    due, closed_at = rows["effective_due_at"], rows["closed_at"]
    closed = (rows["status"] == "closed") & due.notna() & closed_at.notna()
    late[closed] = (closed_at > due)[closed].astype(float)
    late[(rows["status"] == "open") & (due < as_of)] = 1.0
    return late


def is_call(rows: pd.DataFrame) -> pd.Series:
    """Whether the dispatch calls a unit by whistle to come and help."""
    return (rows["role"] == "assist") & (rows["route"] == "whistle")


def has_reported(rows: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """1 where a called unit signed or closed, 0 where it did not come, missing till known."""
    returned, closed = rows["status"] == "returned", rows["status"] == "closed"
    came = ~returned & (closed | rows["accepted_at"].notna())
    silent = ~came & (rows["effective_due_at"] < as_of)
    answer = pd.Series(np.nan, index=rows.index)
    answer[is_call(rows) & came] = 1.0
    answer[is_call(rows) & (returned | silent)] = 0.0
    return answer
