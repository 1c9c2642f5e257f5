"""Every gate run of these tests also counts the failing rows of every check, passed or failed."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from expectations import Suite
from pipelines.quality import CheckResult, extracts, marts
from pipelines.quality.run import failing_rows, run_suites


def failing_counts(connection: duckdb.DuckDBPyConnection, suites: list[Suite]) -> dict[str, int]:
    """Number of failing rows of every check, by plain SQL."""
    return {
        check.check_id: int(
            connection.execute(f"select count(*) from ({failing_rows(suite, check)})").fetchall()[
                0
            ][0]
        )
        for suite in suites
        for check in suite.checks
    }


@pytest.fixture(scope="session", autouse=True)
def verdicts_agree_with_failing_rows() -> Iterator[None]:
    """The verdict is that of Great Expectations alone; here it must be that of the rows as well.

    Together with the tests that every check has a planted fault, a new check is covered on rows
    that pass it and on rows that fail it.
    """

    def run(connection: duckdb.DuckDBPyConnection, suites: list[Suite]) -> list[CheckResult]:
        results = run_suites(connection, suites)
        counts = failing_counts(connection, suites)
        assert {result.check_id: result.is_passed for result in results} == {
            check_id: count == 0 for check_id, count in counts.items()
        }
        assert all(
            result.is_passed or result.unexpected_count == counts[result.check_id]
            for result in results
        )
        return results

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extracts, "run_suites", run)
        patch.setattr(marts, "run_suites", run)
        yield
