"""Facts that are missing or have become fewer."""

from __future__ import annotations

from expectations.check import Check, Policy, Suite, no_rows, within

FACTS = ("fct_appeals", "fct_dispatches", "fct_ratings")


def suites(policy: Policy) -> list[Suite]:
    """Return one suite per fact table, and one for the daily intake."""
    return [
        _suite("rpt_intake_daily", _not_lost("rpt_intake_daily")),
        *(_suite(table, _not_lost(table), _not_shrunk(policy, table)) for table in FACTS),
    ]


def _suite(table: str, *checks: Check | None) -> Suite:
    relation = f"select * from gate_sizes where table_name = '{table}'"
    return Suite.of(f"{table}_size", f"marts.{table}", relation, *checks)


def _not_lost(table: str) -> Check:
    return no_rows(
        f"{table}_not_lost",
        where="row_count = 0 and delivered > 0",
        label="table_name",
        value="delivered || ' rows delivered'",
        severity="error",
        description="The table is empty although its rows were delivered. A feed that the source "
        "does not deliver may leave its table empty.",
        resolution="Rebuild with `hotline build --full-refresh`; if it is still empty, that is "
        "a defect of a model.",
    )


def _not_shrunk(policy: Policy, table: str) -> Check | None:
    return within(
        policy,
        f"{table}_shrunk_share",
        column="shrunk_share",
        label="'from ' || previous_count || ' to ' || row_count || ' rows'",
        severity="error",
        # The row count is what the next run compares with.
        observed="any_value(row_count)",
        description="Share of rows that the table lost since it last passed. Facts are corrected, "
        "hardly ever removed; a large loss is a lost partition.",
        resolution="Check that raw holds every extract day and rebuild with `hotline build "
        "--full-refresh`. If the loss is right, add a row with a higher bound and its reason to "
        "policy_quality_thresholds.csv.",
    )
