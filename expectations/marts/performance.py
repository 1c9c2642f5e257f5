"""Rates and scores: possible at all, and not jumping."""

from __future__ import annotations

from expectations.check import Policy, Suite, no_rows, within

RATES = ("response_rate", "resolution_rate", "satisfaction_rate")

# Per table: what names a row, the shares (0 to 1) and the scores (0 to 100) in it.
_RANGES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "rpt_unit_performance_monthly": ("period || ' ' || unit_code", RATES, ("composite",)),
    "rpt_city_performance_monthly": ("period", RATES, ()),
    "rpt_topic_effect_monthly": ("period || ' ' || topic_id", RATES, ()),
    "fct_problem_monthly": (
        "period || ' ' || problem_code",
        ("resolution_rate", "repeat_caller_share", "several_units_share"),
        (),
    ),
    "fct_topic_rankings": (
        "period || ' ' || problem_code",
        ("share", "resolution_rate", "repeat_caller_share", "several_units_share"),
        ("score",),
    ),
}


def suites(policy: Policy) -> list[Suite]:
    """Return the suites over ranges of rates and over their movement."""
    ranges = [
        Suite(
            name=f"{table}_ranges",
            table_name=f"marts.{table}",
            relation=f"select * from marts.{table}",
            checks=(
                no_rows(
                    f"{table}_in_range",
                    where=" or ".join(
                        [f"not ({column} between 0 and 1)" for column in shares]
                        # A score is a product of powers; its best row may miss 100 by rounding.
                        + [f"not ({column} between 0 and 100.000001)" for column in scores]
                    ),
                    label=label,
                    severity="stop",
                    description="A rate or share lies outside 0 to 1, or a score outside 0 to "
                    "100. Such a number is wrong wherever it is read.",
                    resolution="Look the row up in the warehouse and compare its numerator and "
                    "denominator; this is a defect of a model, not of the data.",
                ),
            ),
        )
        for table, (label, shares, scores) in _RANGES.items()
    ]
    jumps = [
        Suite(
            name=f"city_{rate}_jump",
            table_name="marts.rpt_city_performance_monthly",
            relation=f"select * from gate_rates where rate_name = '{rate}'",
            checks=tuple(
                within(
                    policy,
                    f"city_{rate}_jump",
                    column="change",
                    label="period",
                    severity="tell",
                    description=f"Change of the city's {rate} against the period before. Large "
                    "jumps come from a changed flag or a missing part of the ratings.",
                    resolution="Compare follow-ups and their scope in both periods before anyone "
                    "quotes the rate.",
                )
            ),
        )
        for rate in RATES
    ]
    return [*ranges, *jumps]
