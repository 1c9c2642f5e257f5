"""The monthly ranking: score, rank, rank range, Pareto tier, periods in the top."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .facts import Facts
from .marts import effective_streets, problem_monthly
from .rules import Rules, previous_period
from .units import UNKNOWN

DECIMALS = 9  # two ways to add the same shares may differ in the last digit, not here
LAST_TIER = 4


@dataclass(frozen=True)
class Weights:
    """Policy of a ranking: the weight of volume, and the grid it is varied over."""

    chosen: float
    grid: tuple[float, ...]
    top_n: int
    periods: int

    @classmethod
    def of(cls, rules: Rules, period: str) -> Weights:
        """The policy in force on the first day of a period."""
        on = rules.bounds(period)[0]
        low = rules.parameter("score_volume_weight_low", on)
        high = rules.parameter("score_volume_weight_high", on)
        step = rules.parameter("score_volume_weight_step", on)
        steps = round((high - low) / step)
        return cls(
            chosen=rules.parameter("score_volume_weight", on),
            grid=tuple(low + step * number for number in range(steps + 1)),
            top_n=int(rules.parameter("persistence_top_n", on)),
            periods=int(rules.parameter("persistence_periods", on)),
        )


def scores(volume: np.ndarray, breadth: np.ndarray, weight: float) -> np.ndarray:
    """100 × (volume / max)^w × (breadth / max)^(1−w); no known street gives 0."""
    breadth = np.nan_to_num(breadth, nan=0.0)
    if not volume.max(initial=0) or not breadth.max(initial=0):
        return np.zeros(len(volume))
    return np.asarray(
        100 * (volume / volume.max()) ** weight * (breadth / breadth.max()) ** (1 - weight)
    )


def ranks(score: np.ndarray, volume: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """1 for the highest score; ties by volume, then by code."""
    order = np.lexsort((np.unique(codes, return_inverse=True)[1], -volume, -score.round(DECIMALS)))
    places = np.empty(len(order), dtype="int64")
    places[order] = np.arange(1, len(order) + 1)
    return places


def pareto_tiers(volume: np.ndarray, breadth: np.ndarray) -> np.ndarray:
    """1 where nothing is at least as high in both and higher in one; then peeled."""
    high, wide = volume.astype(float), np.nan_to_num(breadth, nan=0.0).round(DECIMALS)
    tiers = np.full(len(high), LAST_TIER)
    left = np.arange(len(high))
    for tier in range(1, LAST_TIER):
        v, b = high[left], wide[left]
        beats = (v[:, None] >= v) & (b[:, None] >= b) & ((v[:, None] > v) | (b[:, None] > b))
        best = ~beats.any(axis=0)
        tiers[left[best]] = tier
        left = left[~best]
    return tiers


def rank_range(cells: pd.DataFrame, codes: np.ndarray, weights: Weights) -> pd.DataFrame:
    """Best and worst rank of each problem over the weight grid and with a district left out.

    `cells` holds the volume per problem, district and street of one period.
    """
    volume, breadth = _measures(cells, codes)
    tried = [ranks(scores(volume, breadth, weight), volume, codes) for weight in weights.grid]
    tried.append(ranks(scores(volume, breadth, weights.chosen), volume, codes))
    for district in sorted(set(cells["district_code"]) - {UNKNOWN}):
        volume, breadth = _measures(cells[cells["district_code"] != district], codes)
        tried.append(ranks(scores(volume, breadth, weights.chosen), volume, codes))
    places = np.vstack(tried)
    return pd.DataFrame({"best_rank": places.min(axis=0), "worst_rank": places.max(axis=0)})


def _measures(cells: pd.DataFrame, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    volume = cells.groupby("problem_code")["volume"].sum().reindex(codes).fillna(0)
    breadth = effective_streets(cells, ["problem_code"]).reindex(codes)
    return volume.to_numpy(float), breadth.to_numpy(float)


def rankings(facts: Facts, only: set[str] | None = None) -> pd.DataFrame:
    """The ranking of every period; the rank range only for the periods in `only`."""
    problems = problem_monthly(facts)
    totals = problems.groupby("period")["volume"].sum()
    problems = problems[problems["problem_code"] != UNKNOWN]
    appeals = facts.appeals[facts.appeals["is_in_volume"]]
    cells = appeals.groupby(
        ["period", "problem_code", "district_code", "street_code"], as_index=False
    ).agg(volume=("contact_id", "size"))
    parts = []
    for period, rows in problems.groupby("period"):
        weights = Weights.of(facts.rules, str(period))
        rows = rows.sort_values("problem_code").reset_index(drop=True)
        codes = rows["problem_code"].to_numpy(dtype=object).astype(str)
        volume = rows["volume"].to_numpy(float)
        breadth = rows["effective_streets"].to_numpy(float)
        rows["score"] = scores(volume, breadth, weights.chosen)
        rows["rank"] = ranks(rows["score"].to_numpy(), volume, codes)
        rows["share"] = rows["volume"] / totals[period]
        rows["is_in_top"] = rows["rank"] <= weights.top_n
        if only is None or period in only:
            rows["pareto_tier"] = pareto_tiers(volume, breadth)
            own = cells[(cells["period"] == period) & cells["problem_code"].isin(codes)]
            rows = rows.join(rank_range(own, codes, weights))
        parts.append(rows)
    if not parts:
        return pd.DataFrame(columns=["period", "problem_code", "rank", "score"])
    return _with_persistence(pd.concat(parts, ignore_index=True), facts.rules)


def _with_persistence(rows: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Adds how many of the last periods, this one included, had the problem in the top."""
    top = rows[rows["is_in_top"]].groupby("problem_code")["period"].agg(set).to_dict()
    windows = {}
    for period in rows["period"].unique():
        window = [period]
        while len(window) < Weights.of(rules, period).periods:
            window.append(previous_period(window[-1]))
        windows[period] = set(window)
    pairs = zip(rows["problem_code"], rows["period"], strict=True)
    rows["periods_in_top"] = [len(top.get(code, set()) & windows[period]) for code, period in pairs]
    return rows.drop(columns="is_in_top")
