"""The city's rates from one period to the next. That a rate is possible at all, dbt tests."""

from __future__ import annotations

from expectations.check import Policy, Suite, within

RATES = ("response_rate", "resolution_rate", "satisfaction_rate")


def suites(policy: Policy) -> list[Suite]:
    """Return one suite per rate, over its movement."""
    return [
        Suite.of(
            f"city_{rate}_jump",
            "marts.rpt_city_performance_monthly",
            f"select * from gate_rates where rate_name = '{rate}'",
            within(
                policy,
                f"city_{rate}_jump",
                column="change",
                label="period",
                severity="warn",
                description=f"Change of the city's {rate} against the period before. Large "
                "jumps come from a changed flag or a missing part of the ratings.",
                resolution="Compare follow-ups and their scope in both periods before anyone "
                "quotes the rate.",
            ),
        )
        for rate in RATES
    ]
