"""Smoke queries on a new published file, as a reader would ask them."""

from pathlib import Path

import duckdb

from pipelines.errors import HotlineError

# Tables that readers rely on by name (the contract of schema `marts` and `quality`).
CONTRACT_TABLES = (
    *("marts.fct_appeals", "marts.rpt_intake_daily", "marts.rpt_callers"),
    *("marts.fct_point_recurrences", "marts.dim_problems", "marts.dim_places"),
    *("marts.dim_periods", "marts.fct_dispatches", "marts.fct_whistles", "marts.dim_units"),
    *("marts.rpt_unit_workload_monthly", "marts.fct_ratings"),
    *("marts.rpt_unit_performance_monthly", "marts.rpt_city_performance_monthly"),
    *("marts.rpt_group_performance_monthly", "marts.rpt_settlement_monthly"),
    *("marts.rpt_unit_portraits_monthly", "marts.fct_problem_monthly"),
    *("marts.fct_topic_rankings", "marts.fct_topic_ranking_changes", "marts.dim_topics"),
    *("marts.brg_topic_problems", "marts.brg_topic_causes", "marts.brg_topic_aliases"),
    *("marts.rpt_topic_effect_monthly", "marts.rpt_topic_tasks"),
    *("quality.loads", "quality.publication", "quality.rejects", "quality.validations"),
)

# Each must give true on a good file.
QUERIES = {
    "every appeal has its problem and its street in the dimensions": """
        select count(*) = 0 from marts.fct_appeals as a
        left join marts.dim_problems as p using (problem_code)
        left join marts.dim_places as s using (street_code)
        where p.problem_code is null or s.street_code is null
    """,
    "volumes of problems add up to the appeals counted": """
        select (select coalesce(sum(volume), 0) from marts.fct_problem_monthly)
            = (select count(*) from marts.fct_appeals where is_in_volume)
    """,
    "no column holds personal values": """
        select count(*) = 0 from duckdb_columns()
        where not internal and column_name in ('caller_id', 'content', 'line_text', 'value')
    """,
    "every table is described": """
        select count(*) = 0 from duckdb_tables() where schema_name = 'marts' and comment is null
    """,
}


def smoke_test(file: Path, tables: dict[str, int]) -> None:
    """Opens the new file read-only and asks what a reader would ask.

    Raises:
        HotlineError: A table is missing or a query does not give what it must.
    """
    missing = [table for table in CONTRACT_TABLES if table not in tables]
    if missing:
        raise HotlineError(
            f"The new published file lacks {', '.join(missing)}. The published file stands as it "
            "was. Run `hotline build --full-refresh`, then publish."
        )
    with duckdb.connect(str(file), read_only=True) as con:
        for sentence, query in QUERIES.items():
            if con.execute(query).fetchone() != (True,):
                raise HotlineError(
                    f"The new published file fails a smoke query: not true that {sentence}. The "
                    "published file stands as it was. Run `hotline build --full-refresh`; if it "
                    "fails again, the models are at fault."
                )
