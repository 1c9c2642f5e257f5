"""Every figure of the report: SQL over the published file, and nothing else.

The figures of the ranking are those of its latest issue. Trends and districts come from the
current marts; `TOTALS` says whether these have moved since the issue was made.
"""

from typing import Any

import duckdb

Row = dict[str, Any]

HEADER = """
select
    rankings.period,
    max(rankings.issue_no) as issue_no,
    max(rankings.raw_fingerprint) as raw_fingerprint,
    max(rankings.data_through) as data_through,
    count(*) as ranked_problems,
    max(periods.starts_on) as starts_on,
    max(periods.last_on) as last_on,
    max(periods.days) as days,
    bool_or(periods.is_complete) as is_complete,
    bool_or(periods.is_provisional) as is_provisional,
    max(rankings.volume) as max_volume,
    coalesce(max(rankings.effective_streets), 0) as max_effective_streets,
    sum(rankings.share) filter (where rankings.rank <= $top) as top_share,
    count(*) filter (where rankings.worst_rank <= $top) as stable_in_top,
    count(*) filter (where rankings.pareto_tier = 1) as first_tier
from marts.fct_topic_rankings as rankings
left join marts.dim_periods as periods on rankings.period = periods.period
where rankings.period = $period and rankings.is_latest_issue
group by rankings.period
"""

# A name that is missing or blank falls back to the code, so a city without code lists reads
# too. Control characters could steer a terminal, so they become spaces.
RANKING = """
select
    rankings.*,
    regexp_replace(
        coalesce(
            case when $language = 'en' then nullif(trim(problems.problem_name_en), '') end,
            nullif(trim(problems.problem_name), ''),
            rankings.problem_code
        ),
        '[[:cntrl:]]+', ' ', 'g'
    ) as problem_label,
    regexp_replace(
        coalesce(
            nullif(trim(problems.level_1_name), ''),
            nullif(problems.level_1_code, 'unknown'),
            ''
        ),
        '[[:cntrl:]]+', ' ', 'g'
    ) as class_label,
    rankings.rank <= $top as is_top
from marts.fct_topic_rankings as rankings
left join marts.dim_problems as problems on rankings.problem_code = problems.problem_code
where rankings.period = $period and rankings.is_latest_issue
order by rankings.rank
"""

# One row per problem of the top and period; a period in which a problem was not heard of is 0.
TREND = """
with

periods as (
    select
        dim.period,
        dim.is_complete
    from marts.dim_periods as dim
    where dim.period <= $period
        and exists (select 1 from marts.fct_problem_monthly as m where m.period = dim.period)
    order by dim.period desc
    limit $trend_periods
),

ranked as (
    select rank, problem_code
    from marts.fct_topic_rankings
    where period = $period and is_latest_issue and rank <= $top
),

trend as (
    select
        ranked.rank,
        ranked.problem_code,
        periods.period,
        periods.is_complete,
        coalesce(monthly.volume, 0) as volume
    from ranked
    cross join periods
    left join marts.fct_problem_monthly as monthly
        on ranked.problem_code = monthly.problem_code and periods.period = monthly.period
)

select
    rank,
    problem_code,
    list(period order by period) as periods,
    list(volume order by period) as volumes,
    list(is_complete order by period) as is_complete
from trend
group by rank, problem_code
order by rank
"""

# The districts that get a column: all of them, or the largest where a city has very many.
DISTRICTS = """
with

volumes as (
    select
        coalesce(district_code, 'unknown') as district_code,
        count(*) as volume
    from marts.fct_appeals
    where period = $period and is_in_volume
    group by 1
),

names as (
    select district_code, min(nullif(trim(district_name), '')) as district_name
    from marts.dim_places
    group by district_code
),

sized as (
    select
        district_code,
        row_number() over (order by volume desc, district_code) <= $districts as is_shown
    from volumes
),

labelled as (
    select
        sized.district_code,
        sized.is_shown,
        sized.district_code = 'unknown' as is_unknown,
        coalesce(names.district_name, sized.district_code) as district_label
    from sized
    left join names on sized.district_code = names.district_code
)

select * from labelled
order by is_unknown, district_code
"""

# Appeals per problem and district. `heat` is the step of the share of the row, 0 to 6.
HEAT = """
with

ranked as (
    select rank, problem_code
    from marts.fct_topic_rankings
    where period = $period and is_latest_issue and rank <= $heat_rows
),

shown as (
    select unnest($columns) as district_code
),

appeals as (
    select
        problem_code,
        case
            when coalesce(district_code, 'unknown') in (select district_code from shown)
                then coalesce(district_code, 'unknown')
            else '…'
        end as district_code,
        count(*) as appeals
    from marts.fct_appeals
    where period = $period
        and is_in_volume
        and problem_code in (select problem_code from ranked)
    group by 1, 2
),

grid as (
    select
        ranked.rank,
        ranked.problem_code,
        shown.district_code,
        coalesce(appeals.appeals, 0) as appeals
    from ranked
    cross join shown
    left join appeals
        on ranked.problem_code = appeals.problem_code
        and shown.district_code = appeals.district_code
),

shares as (
    select
        *,
        sum(appeals) over (partition by problem_code) as row_appeals,
        appeals / nullif(sum(appeals) over (partition by problem_code), 0) as share
    from grid
),

stepped as (
    select
        *,
        case
            when coalesce(share, 0) = 0 then 0
            when share < 0.02 then 1
            when share < 0.05 then 2
            when share < 0.10 then 3
            when share < 0.15 then 4
            when share < 0.25 then 5
            else 6
        end as heat
    from shares
)

select
    rank,
    problem_code,
    any_value(row_appeals) as appeals,
    list(
        {'district_code': district_code, 'appeals': appeals, 'share': share, 'heat': heat}
        order by list_position($columns, district_code)
    ) as cells
from stepped
group by rank, problem_code
order by rank
"""

# What the city heard in the period, and how far the marts have moved since the issue.
TOTALS = """
with

appeals as (
    select
        count(*) as appeals,
        count(distinct caller_key) as callers
    from marts.fct_appeals
    where period = $period and is_in_volume
),

moved as (
    select count(*) as moved_problems
    from (
        select problem_code, volume
        from marts.fct_topic_rankings
        where period = $period and is_latest_issue
    ) as issued
    full join (
        select problem_code, volume
        from marts.fct_problem_monthly
        where period = $period and problem_code <> 'unknown'
    ) as current_state
        on issued.problem_code = current_state.problem_code
    where issued.volume is distinct from current_state.volume
)

select * from appeals cross join moved
"""

ISSUED_PERIODS = "select distinct period from marts.fct_topic_rankings order by period desc limit 3"


def fetch(connection: duckdb.DuckDBPyConnection, sql: str, **values: Any) -> list[Row]:
    """Run one query with named values.

    Args:
        connection: The published file, open for reading.
        sql: The query, with `$name` for each value.
        **values: Values by name; those the query does not name are left out.

    Returns:
        The rows, each a mapping from column name to value.
    """
    cursor = connection.execute(sql, {k: v for k, v in values.items() if f"${k}" in sql})
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
