"""The three rates: per unit, over the city, per group, and as they were at the end."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .facts import Facts
from .rules import Rules, next_period
from .units import UNKNOWN

FOLLOW_UP_COUNTS = (
    "followups", "valid_followups", "responded", "valid_full",
    "resolved", "satisfied", "basically_satisfied",
)  # fmt: skip
REASONS = ("unreachable", "out_of_scope", "response_only", "excluded")
ALL_COUNTS = (*FOLLOW_UP_COUNTS, "part_resolved", *REASONS)
RATES = ("response_rate", "resolution_rate", "satisfaction_rate")
NATURES = {"appeal": "appeals", "consultation": "consultations", "praise": "praise"}
NATURES |= {"other": "other"}
TAKEN_OUT = ("excluded", "suspended")


def follow_up_counts(
    ratings: pd.DataFrame, keys: list[str], valid: str = "is_valid"
) -> pd.DataFrame:
    """Numerators and denominators of the three rates per group, and why others do not count."""
    counts, scope = ratings[valid], ratings["assessment_scope"]
    full = counts & (scope == "full")
    word = ratings["satisfaction"]
    marked = ratings[keys].assign(
        followups=1,
        valid_followups=counts,
        responded=counts & (ratings["is_responded"].eq(True)),
        valid_full=full,
        resolved=full & (ratings["is_resolved"].eq(True)),
        part_resolved=full
        & ratings["is_part_resolved"].eq(True)
        & ~ratings["is_resolved"].eq(True),
        satisfied=full & (word == "satisfied"),
        basically_satisfied=full & (word == "basically_satisfied"),
        unreachable=~ratings["is_reached"].eq(True),
        out_of_scope=scope.fillna("none") == "none",
        response_only=counts & (scope == "response_only"),
        excluded=ratings["exclusion"].isin(TAKEN_OUT) | ratings["appeal_exclusion"].isin(TAKEN_OUT),
    )
    return marked.groupby(keys, as_index=False)[list(ALL_COUNTS)].sum()


def ratio(numerator: pd.Series, denominator: pd.Series) -> pd.Series:
    """A rate; missing, never 0, where there is nothing to divide by."""
    return (numerator / denominator.where(denominator > 0)).astype("float64")


def with_rates(rows: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Adds the three rates to rows that hold a period and their counts."""
    half = rules.basically_weights(rows["period"])
    points = rows["satisfied"] + half * rows["basically_satisfied"]
    return rows.assign(
        satisfaction_points=points,
        response_rate=ratio(rows["responded"], rows["valid_followups"]),
        resolution_rate=ratio(rows["resolved"], rows["valid_full"]),
        satisfaction_rate=ratio(points, rows["valid_full"]),
    )


def with_composite(rows: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Adds 100 × the weighted sum of the three rates; missing where a rate is."""
    pairs = list(zip(rows["unit_type"], rows["period"], strict=True))
    known = {
        (kind, period): rules.composite_weights(kind, rules.bounds(period)[0])
        for kind, period in set(pairs)
    }
    weights = np.array([known[pair] for pair in pairs], dtype=float).reshape(-1, 3)
    return rows.assign(composite=100 * (weights * rows[list(RATES)].to_numpy(float)).sum(axis=1))


def _with_provisional(rows: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    states = {
        period: facts.rules.is_provisional(period, facts.as_of)
        for period in rows["period"].unique()
    }
    return rows.assign(is_provisional=rows["period"].map(states).astype(bool))


def unit_performance_monthly(facts: Facts) -> pd.DataFrame:
    """The three rates, the composite and the rank of each unit in a period, and its move."""
    keys = ["period", "unit_code"]
    handled = facts.dispatches.groupby(keys, as_index=False).agg(
        handled_volume=("dispatch_id", "size")
    )
    rows = handled.merge(follow_up_counts(facts.ratings, keys), on=keys, how="outer")
    numbers = ["handled_volume", *ALL_COUNTS]
    rows[numbers] = rows[numbers].fillna(0).astype("int64")
    rules = facts.rules
    pairs = zip(rows["unit_code"], rows["period"], strict=True)
    rows["unit_type"] = [rules.units.type_on(unit, rules.last_on(period)) for unit, period in pairs]
    rows = with_composite(with_rates(rows, rules), rules)
    # Sums of the same rates must tie whatever order they were added in.
    rows["shown"] = rows["composite"].round(9)
    rows = rows.sort_values(
        ["shown", "handled_volume", "unit_code"], ascending=[False, False, True]
    )
    position = rows.groupby(["period", "unit_type"]).cumcount() + 1
    rows["rank"] = position.where(rows["composite"].notna())
    return _with_provisional(with_previous_rank(rows.drop(columns="shown")), facts)


def with_previous_rank(rows: pd.DataFrame) -> pd.DataFrame:
    """Adds the rank in the period before among units of the same type, and its change."""
    keys = ["period", "unit_code", "unit_type"]
    before = rows[[*keys, "rank"]].rename(columns={"rank": "previous_rank"})
    before["period"] = before["period"].map(next_period)
    rows = rows.merge(before, on=keys, how="left", validate="1:1")
    return rows.assign(rank_change=rows["previous_rank"] - rows["rank"])


def city_performance_monthly(facts: Facts) -> pd.DataFrame:
    """The same figures pooled over all units, with the nature of the contacts."""
    contacts = facts.contacts
    parts = {"contacts": contacts.groupby("period").size()}
    for word, name in NATURES.items():
        parts[name] = contacts[contacts["order_type"] == word].groupby("period").size()
    parts["handled_volume"] = facts.dispatches.groupby("period").size()
    counts = follow_up_counts(facts.ratings, ["period"]).set_index("period")
    rows = pd.DataFrame(parts).join(counts, how="outer").fillna(0).astype("int64")
    rows["appeal_share"] = ratio(rows["appeals"], rows["contacts"])
    rows = with_rates(rows.rename_axis("period").reset_index(), facts.rules)
    return _with_provisional(rows, facts)


def group_performance_monthly(facts: Facts) -> pd.DataFrame:
    """The same counts and rates by unit type, district and class of the problem."""
    ratings, problem = facts.ratings, facts.ratings["problem_code"]
    classes = facts.rules.classes
    groups = {
        "unit_type": ratings["unit_type"],
        "district": ratings["district_code"],
        "level_1": problem.map(classes["level_1"]).fillna(UNKNOWN),
        "level_2": problem.map(classes["level_2"]).fillna(UNKNOWN),
        "problem": problem,
    }
    keys = ["period", "group_kind", "group_code"]
    parts = [
        follow_up_counts(ratings.assign(group_kind=kind, group_code=codes), keys)
        for kind, codes in groups.items()
    ]
    return with_rates(pd.concat(parts, ignore_index=True), facts.rules)


def settlement_monthly(facts: Facts) -> pd.DataFrame:
    """Counts and rates of each unit at the end of its period, today's, and their difference."""
    keys = ["period", "unit_code"]
    ratings = facts.ratings
    now = with_rates(follow_up_counts(ratings, keys), facts.rules)
    then = with_rates(follow_up_counts(ratings, keys, "is_valid_at_close"), facts.rules)
    then = then.rename(columns={"valid_followups": "valid"})
    names = ["valid", *FOLLOW_UP_COUNTS[2:], "satisfaction_points", *RATES]
    then = then[[*keys, *names]].rename(columns={name: f"{name}_at_close" for name in names})
    late = ratings[keys].assign(
        late_followups=ratings["is_late"],
        late_exclusions=ratings["is_valid_at_close"] & ~ratings["is_valid"],
    )
    rows = now.merge(then, on=keys).merge(late.groupby(keys, as_index=False).sum(), on=keys)
    for rate in RATES:
        rows[f"{rate}_change"] = rows[rate] - rows[f"{rate}_at_close"]
    return _with_provisional(rows, facts)
