"""Codes that the code lists do not know."""

from __future__ import annotations

from expectations.check import Policy, Suite, within

_CODES = {
    "problem": ("marts.fct_appeals", "seeds/reference/problems.csv"),
    "street": ("marts.fct_appeals", "seeds/reference/streets.csv"),
    "unit": ("marts.fct_dispatches", "seeds/reference/units.csv"),
}


def suites(policy: Policy) -> list[Suite]:
    """Return one suite per kind of code."""
    return [
        Suite.of(
            f"{kind}_codes",
            table_name,
            f"select * from gate_unmapped where code_kind = '{kind}'",
            within(
                policy,
                f"{kind}_unmapped_share",
                column="unmapped_share",
                label="code_kind || ', ' || unmapped_rows || ' rows, most often ' "
                "|| most_frequent_code",
                severity="warn",
                description=f"Share of recent rows whose {kind} code is in no code list. "
                "The rows are kept under the bare code, without a name or a hierarchy.",
                resolution=f"Add the codes to {code_list} with their provenance, or correct "
                "them at the source.",
            ),
        )
        for kind, (table_name, code_list) in _CODES.items()
    ]
