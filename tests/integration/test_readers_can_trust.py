"""A reader of the published file may join, add up and divide as its documents say."""

import re
from collections import defaultdict

import duckdb
import pytest

from docs.build.questions import PAGE as QUESTIONS_PAGE
from docs.build.questions import Question, read_questions
from docs.build.tables import PAGE

SECTION = re.compile(r"^### (\w+)\n(.*?)(?=^##|\Z)", re.M | re.S)
COLUMN = re.compile(r"^\| `(\w+)` \|.*\| ([^|]*) \|$", re.M)
# Notes of every column, by table and column, as docs/marts.md gives them.
NOTES = {
    table: dict(COLUMN.findall(text)) for table, text in SECTION.findall(PAGE.read_text("utf-8"))
}
# The keys of the dimensions, by the name that any table has them under.
KEYS = {
    "period": "dim_periods",
    "problem_code": "dim_problems",
    "street_code": "dim_places",
    "unit_code": "dim_units",
    "topic_id": "dim_topics",
}
DOCUMENTED = {
    (table, column, *found.groups())
    for table, columns in NOTES.items()
    for column, notes in columns.items()
    for found in re.finditer(r"in `(\w+)\.(\w+)`", notes)
    if found[1] in NOTES
}
JOINS = sorted(
    DOCUMENTED
    | {
        (table, key, dimension, key)
        for table, columns in NOTES.items()
        for key, dimension in KEYS.items()
        if key in columns and table != dimension
    }
)
RATIOS = [
    (table, column, found[1], found[2])
    for table, columns in NOTES.items()
    for column, notes in columns.items()
    # A share that divides by the sum of its own column is none of a single row.
    if (found := re.search(r"numerator: (\w+); denominator: (\w+)$", notes))
    and found[1] != found[2]
]
# A change of a number is what it divides, less one.
CHANGES = ("growth", "change_rate")
NUMERATORS = ("valid_followups", "responded", "valid_full", "resolved", "satisfaction_points")
RATES = {
    "response_rate": "responded / valid_followups",
    "resolution_rate": "resolved / valid_full",
    "satisfaction_rate": "satisfaction_points / valid_full",
}
CITY = "marts.rpt_city_performance_monthly"
UNITS = "marts.rpt_unit_performance_monthly"
GROUPS = "marts.rpt_group_performance_monthly"
QUESTIONS = read_questions(QUESTIONS_PAGE.read_text(encoding="utf-8"))

Con = duckdb.DuckDBPyConnection


def test_every_fact_documents_its_joins() -> None:
    documented = defaultdict(set)
    for table, _, other, _ in DOCUMENTED:
        documented[table].add(other)
    for fact in ("fct_appeals", "fct_dispatches", "fct_ratings"):
        assert documented[fact] >= {"dim_periods", "dim_problems", "dim_places", "dim_units"}
    assert len(JOINS) > len(DOCUMENTED)


@pytest.mark.parametrize(("table", "column", "other", "key"), JOINS, ids=lambda value: str(value))
def test_a_documented_join_changes_no_row_count(
    published: Con, table: str, column: str, other: str, key: str
) -> None:
    schema, other_schema = (
        "quality" if name in ("loads", "rejects") else "marts" for name in (table, other)
    )
    rows, joined, unmatched = published.execute(
        f"""
        select
            (select count(*) from {schema}.{table}),
            count(*),
            count(case when a.{column} is not null and b.{key} is null then 1 end)
        from {schema}.{table} as a
        left join {other_schema}.{other} as b on a.{column} = b.{key}
        """
    ).fetchall()[0]
    assert joined == rows
    # Lists may name a topic that is not delivered yet; what is documented is always found.
    if (table, column, other, key) in DOCUMENTED:
        assert unmatched == 0


@pytest.mark.parametrize(("table", "ratio", "above", "below"), RATIOS, ids=lambda value: str(value))
def test_a_published_ratio_is_its_numerator_over_its_denominator(
    published: Con, table: str, ratio: str, above: str, below: str
) -> None:
    less = 1 if ratio in CHANGES else 0
    off, known = published.execute(
        f"""
        select
            count(case
                when {ratio} is distinct from cast({above} as double) / nullif({below}, 0) - {less}
                    and not coalesce(
                        abs({ratio} - (cast({above} as double) / nullif({below}, 0) - {less}))
                        < 1e-9, false
                    )
                then 1
            end),
            count({ratio})
        from marts.{table}
        """
    ).fetchall()[0]
    assert off == 0
    assert known > 0


@pytest.mark.parametrize("rate", RATES)
def test_rates_of_units_and_groups_add_up_to_those_of_the_city(published: Con, rate: str) -> None:
    """Numerators over denominators, from the unit over every kind of group to the city."""
    above, below = RATES[rate].split(" / ")
    pooled = f"cast(sum({above}) as double) / nullif(sum({below}), 0)"
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for level, table in (("'unit'", UNITS), ("group_kind", GROUPS)):
        rows = published.execute(
            f"select {level}, period, {pooled} from {table} group by all having sum({below}) > 0"
        )
        for name, period, value in rows.fetchall():
            found[name][period] = value
    city = dict(
        published.execute(f"select period, {rate} from {CITY} where {below} > 0").fetchall()
    )
    assert len(city) >= 2
    assert set(found) >= {"unit", "unit_type", "district", "level_1", "problem"}
    for values in found.values():
        assert values == pytest.approx(city, rel=1e-9)


def test_counts_add_up_from_single_rows_to_every_level(published: Con) -> None:
    """What is published in a report is the sum of the facts below it."""
    sums = ", ".join(f"sum({name})" for name in NUMERATORS)
    facts = published.execute(
        """
        select
            count(case when is_valid then 1 end),
            count(case when is_valid and is_responded then 1 end),
            count(case when is_valid_full then 1 end),
            count(case when is_valid_full and is_resolved then 1 end),
            sum(satisfaction_points)
        from marts.fct_ratings
        where period is not null
        """
    ).fetchall()
    for table in (CITY, UNITS, f"{GROUPS} where group_kind = 'problem'"):
        assert published.execute(f"select {sums} from {table}").fetchall() == facts
    settled = published.execute(f"select {sums} from marts.rpt_settlement_monthly").fetchall()
    assert settled == facts


def test_what_a_topic_counts_is_the_sum_of_its_problems(published: Con) -> None:
    off = published.execute(
        """
        with problems as (
            select r.period, b.topic_id, count(*) as valid, sum(satisfaction_points) as points
            from marts.fct_ratings as r
            inner join marts.brg_topic_problems as b on r.problem_code = b.problem_code
            where r.is_valid
            group by all
        ),
        appeals as (
            select a.period, b.topic_id, count(*) as volume
            from marts.fct_appeals as a
            inner join marts.brg_topic_problems as b on a.problem_code = b.problem_code
            where a.is_in_volume
            group by all
        )
        select count(*)
        from marts.rpt_topic_effect_monthly as e
        left join problems as p on e.period = p.period and e.topic_id = p.topic_id
        left join appeals as a on e.period = a.period and e.topic_id = a.topic_id
        where e.volume is not null and (
            e.valid_followups <> coalesce(p.valid, 0)
            or e.satisfaction_points <> coalesce(p.points, 0)
            or e.volume <> coalesce(a.volume, 0)
        )
        """
    ).fetchall()
    assert off == [(0,)]


def test_every_period_of_a_table_is_a_period_of_the_calendar(published: Con) -> None:
    columns = published.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'marts' "
        "and column_name in ('period', 'closing_period', 'first_period') "
        "and table_name <> 'dim_periods'"
    ).fetchall()
    assert len(columns) >= 12
    strange = {}
    for table, column in columns:
        found = published.execute(
            f"select distinct {column} from marts.{table} where {column} is not null "
            f"and {column} not in (select period from marts.dim_periods) order by 1"
        ).fetchall()
        if found:
            strange[f"{table}.{column}"] = [period for (period,) in found]
    assert strange == {}


def test_the_calendar_is_that_of_received_contacts(published: Con) -> None:
    received = "select min(period), max(period) from marts.rpt_city_performance_monthly"
    first, last, periods = published.execute(
        "select min(period), max(period), count(*) from marts.dim_periods"
    ).fetchall()[0]
    assert published.execute(f"{received} where contacts > 0").fetchall() == [(first, last)]
    months = (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:])
    assert periods == months + 1


def test_what_is_not_known_of_a_topic_is_null(published: Con) -> None:
    """Before the data and without a problem there is nothing, which is not 0."""
    zero_rates, before_the_data, without_problem = published.execute(
        """
        select
            count(case
                when valid_followups = 0 and response_rate is not null
                    or valid_full = 0 and (resolution_rate, satisfaction_rate) <> (null, null)
                then 1
            end),
            count(case
                when previous_volume is not null or volume_same_days_before is not null
                    or change_rate is not null
                then 1
            end) filter (period = (select min(period) from marts.dim_periods)),
            count(case when volume is not null or valid_followups is not null then 1 end) filter (
                topic_id not in (select topic_id from marts.brg_topic_problems)
            )
        from marts.rpt_topic_effect_monthly
        """
    ).fetchall()[0]
    assert (zero_rates, before_the_data, without_problem) == (0, 0, 0)


def test_a_unit_has_one_row_and_its_history_next_to_it(published: Con) -> None:
    units, codes, histories = published.execute(
        "select count(*), count(distinct unit_code), "
        "(select count(distinct unit_code) from marts.dim_unit_versions) from marts.dim_units"
    ).fetchall()[0]
    assert units == codes == histories
    not_a_version = published.execute(
        "select count(*) from marts.dim_units as u anti join marts.dim_unit_versions as v "
        "on u.unit_code = v.unit_code and u.valid_from = v.valid_from"
    ).fetchall()
    assert not_a_version == [(0,)]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.question)
def test_every_question_of_the_page_can_be_asked(published: Con, question: Question) -> None:
    """The answers themselves are tried on the demo's data, in a nightly run."""
    published.execute(question.sql).fetchall()
