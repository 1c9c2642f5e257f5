"""Whether the warehouse may be shown to readers: built to the end, and let through by the gates."""

import duckdb

from pipelines.errors import HotlineError
from pipelines.warehouse.connection import table_exists

_UNCHANGED = "The published file and the issued rankings are unchanged."


def require_finished(con: duckdb.DuckDBPyConnection) -> None:
    """Rejects a warehouse whose last build did not finish.

    Raises:
        HotlineError: There was no build, or it was cut short.
    """
    if not (table_exists(con, "ops", "built") and table_exists(con, "marts", "fct_appeals")):
        finished = False
    else:
        finished = con.execute(
            "select (select count(*) from ops.built) = 1 "
            "and (select count(*) from ops.changed_partitions) = 0"
        ).fetchone() == (True,)
    if not finished:
        raise HotlineError(
            f"The warehouse holds no finished build. {_UNCHANGED} Run `hotline build`, then "
            "`hotline validate marts`."
        )


def require_passed(con: duckdb.DuckDBPyConnection) -> None:
    """Rejects marts in which a gate found errors, or that no gate has seen since they were built.

    Raises:
        HotlineError: Names the gate and the checks that failed.
    """
    if not table_exists(con, "quality", "validations"):
        raise HotlineError(_unseen())
    errors = con.execute(
        """
        with newest as (
            select gate, run_id from quality.validations
            qualify row_number() over (partition by gate order by ran_at desc, run_id) = 1
        )
        select gate, string_agg(check_id, ', ' order by check_id)
        from quality.validations semi join newest using (gate, run_id)
        where severity = 'error' and not is_passed
        group by gate order by gate
        """
    ).fetchall()
    if errors:
        gate, checks = errors[0]
        raise HotlineError(
            f"The gate on {gate} has errors: {checks}. {_UNCHANGED} Correct the cause, then run "
            "`hotline run` for the days concerned."
        )
    seen = con.execute(
        "select count(*) from quality.validations "
        "where gate = 'marts' and ran_at >= (select built_at from ops.built)"
    ).fetchone()
    if seen == (0,):
        raise HotlineError(_unseen())


def _unseen() -> str:
    return (
        f"The marts have not been checked since they were built. {_UNCHANGED} "
        "Run `hotline validate marts` first."
    )
