"""What is dispatched to the units: how much, of what, and who comes when it is called."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .dispatches import is_call
from .facts import Facts
from .performance import ratio
from .rules import previous_period
from .units import UNKNOWN

PER_INHABITANTS = 10_000


def unit_workload_monthly(facts: Facts) -> pd.DataFrame:
    """What was dispatched to each unit in a period, all roles, how it went, and what was left."""
    rows, rules = in_periods(facts), facts.rules
    status, call = rows["status"], is_call(rows)
    end = rules.ends_of(rows["period"])
    # A dispatch that is closed at a time nobody wrote down is not known to have been open.
    by_end = (status == "closed") & ~(rows["closed_at"] >= end)
    marked = rows.assign(
        **{word: status == word for word in ("closed", "open", "returned")},
        **{word: rows["role"] == word for word in ("lead", "assist")},
        closed_by_end=by_end,
        open_at_end=(status != "returned") & ~by_end,
        is_late=rows["is_overdue"] == 1.0,
        is_hard=rows["is_hard_case"].astype(bool),
        whistle_calls=call,
        whistles_reported=call & (rows["has_reported"] == 1.0),
    )
    sums = ("closed", "open", "returned", "lead", "assist", "closed_by_end", "open_at_end")
    sums += ("whistle_calls", "whistles_reported")
    table = marked.groupby(["period", "unit_code"]).agg(
        received=("dispatch_id", "size"),
        overdue=("is_late", "sum"),
        known_overdue=("is_overdue", "count"),
        hard_cases=("is_hard", "sum"),
        median_handling_hours=("handling_hours", "median"),
        median_handling_working_hours=("handling_working_hours", "median"),
        **{name: (name, "sum") for name in sums},
    )
    table = with_backlog(table, facts)
    pairs = zip(table["unit_code"], table["period"], strict=True)
    served = [rules.units.inhabitants(unit, rules.last_on(period)) for unit, period in pairs]
    table["inhabitants"] = np.array(served, dtype=float)
    table["overdue_share"] = ratio(table["overdue"], table["known_overdue"])
    table["received_per_10k"] = PER_INHABITANTS * ratio(table["received"], table["inhabitants"])
    return table


def with_backlog(table: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    """Adds what each unit closed in a period, and what it had open before and after.

    A unit that only closed something has a row as well, and so has one with a backlog.
    """
    rows, rules = in_periods(facts), facts.rules
    closings = rows.groupby(["closing_period", "unit_code"]).size()
    closings = closings.rename("closed_in_period").rename_axis(table.index.names)
    table = table.join(closings, how="outer")
    left = {period: backlog(rows, rules.start(period)) for period in facts.begun_periods}
    waiting = [(period, unit) for period, units in left.items() for unit in units.index]
    names = list(table.index.names)
    table = table.reindex(
        table.index.union(pd.DataFrame(waiting, columns=names).set_index(names).index)
    )
    counts = [name for name in table.columns if not name.startswith("median")]
    table[counts] = table[counts].fillna(0)
    table = table.reset_index().assign(backlog_at_start=0.0, backlog_at_end=0.0)
    for period, part in table.groupby("period"):
        times = {"backlog_at_start": rules.start(period), "backlog_at_end": rules.end(period)}
        for column, time in times.items():
            waiting = part["unit_code"].map(backlog(rows, time)).fillna(0)
            table.loc[part.index, column] = waiting
    return table


def in_periods(facts: Facts) -> pd.DataFrame:
    """The dispatches of the periods of the data; others count in no period and in no backlog."""
    return facts.dispatches[facts.dispatches["period"].notna()]


def backlog(rows: pd.DataFrame, time: pd.Timestamp) -> pd.Series:
    """Dispatches per unit given before a time, never returned and not closed by then."""
    waiting = (rows["dispatched_at"] < time) & (rows["status"] != "returned")
    return rows[waiting & ~(rows["ended_at"] < time)].groupby("unit_code").size()


def whistles(facts: Facts) -> pd.DataFrame:
    """Each contact with a call by whistle: who called, who was called, who came."""
    rows = facts.dispatches
    calls = rows[is_call(rows)]
    table = calls.groupby("contact_id").agg(first_whistled_at=("dispatched_at", "min"))
    table["period"] = facts.rules.periods_of(table["first_whistled_at"], facts.periods)
    lead = rows[rows["role"] == "lead"].sort_values("dispatch_no")
    first_call = calls.groupby("contact_id")["dispatch_no"].min()
    led_then = lead[lead["dispatch_no"] < lead["contact_id"].map(first_call)]
    caller_of = led_then.groupby("contact_id")["unit_code"].last()
    caller_of = caller_of.combine_first(lead.groupby("contact_id")["unit_code"].first())
    table["whistling_unit_code"] = caller_of.reindex(table.index).fillna(UNKNOWN)
    words = calls["has_reported"].map({1.0: "reported", 0.0: "absent"}).fillna("undecided")
    answers = calls.assign(answer=words).groupby(["contact_id", "unit_code"])["answer"].agg(set)
    final = answers.map(_one_answer).reset_index()
    table["called_units"] = final.groupby("contact_id").size()
    for word in ("reported", "absent", "undecided"):
        units = final[final["answer"] == word].groupby("contact_id")["unit_code"]
        table[f"{word}_units"] = units.size().reindex(table.index).fillna(0).astype("int64")
        if word != "undecided":
            table[f"{word}_unit_codes"] = units.agg(lambda codes: ",".join(sorted(codes)))
    return table.reset_index()


def _one_answer(answers: set[str]) -> str:
    """Of a unit called more than once: having come wins, then not being known."""
    return next(word for word in ("reported", "undecided", "absent") if word in answers)


def unit_profiles_monthly(facts: Facts) -> pd.DataFrame:
    """The problems each unit leads in a period, by position, and which are new to it."""
    rows = in_periods(facts)
    lead = rows[rows["role"] == "lead"]
    marked = lead.assign(
        returned=lead["status"] == "returned",
        is_late=lead["is_overdue"] == 1.0,
    )
    table = marked.groupby(["period", "unit_code", "problem_code"], as_index=False).agg(
        received=("dispatch_id", "size"),
        returned=("returned", "sum"),
        overdue=("is_late", "sum"),
        known_overdue=("is_overdue", "count"),
    )
    table["overdue_share"] = ratio(table["overdue"], table["known_overdue"])
    in_unit = table.groupby(["period", "unit_code"])
    table["share"] = table["received"] / in_unit["received"].transform("sum")
    table = table.sort_values(["received", "problem_code"], ascending=[False, True])
    table["position"] = table.groupby(["period", "unit_code"]).cumcount() + 1
    return with_history(table, facts)


def with_history(table: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    """Adds since when and how often the unit had the problem, and whether it is new."""
    seen = table.groupby(["unit_code", "problem_code"])["period"].agg(sorted).to_dict()
    first_in_data = table["period"].min()
    windows = {period: _window(facts, period) for period in table["period"].unique()}
    found = []
    for row in table.itertuples():
        up_to_now = [one for one in seen[row.unit_code, row.problem_code] if one <= row.period]
        before = windows[row.period]
        if set(before) & set(up_to_now):
            is_new = 0.0
        else:
            reaches_back = not before or first_in_data <= before[-1]
            is_new = 1.0 if reaches_back else np.nan
        found.append((len(up_to_now), up_to_now[0], is_new))
    columns = ["periods_seen", "first_period", "is_new"]
    return table.join(pd.DataFrame(found, columns=columns, index=table.index))


def _window(facts: Facts, period: str) -> list[str]:
    """The periods before this one that policy looks back, the nearest first."""
    rules = facts.rules
    number = int(rules.parameter("profile_periods", rules.bounds(period)[0]))
    window = [period]
    while len(window) < number:
        window.append(previous_period(window[-1]))
    return window[1:]
