{%- set volumes = ['volume', 'previous_volume', 'volume_same_days_before'] -%}

-- A topic in every period of the data that has begun. A period before the data has no row, and what
-- would compare with one is null, never 0.
with topics as (select * from {{ ref('stg_topics') }}),

topic_problems as (select * from {{ ref('stg_topic_problems') }}),

periods as (select * from {{ ref('core_periods') }}),

problems as (select * from {{ ref('monthly_problems') }}),

-- Not read from monthly_problems: a problem nobody reports any more has no row there.
previous as (select * from {{ ref('monthly_problem_previous') }}),

rating_counts as (
    select
        period,
        problem_code,
        {{ pooled_followups() }}
    from {{ ref('monthly_ratings') }}
    group by period, problem_code
),

months as (
    select
        periods.period,
        topics.topic_id,
        topic_problems.problem_code,
        periods.starts_on >= topics.starts_on as is_after_start,
        periods.previous_starts_on is not null as has_previous
    from periods
    cross join topics
    left join topic_problems on topics.topic_id = topic_problems.topic_id
    where periods.elapsed_days > 0
),

joined as (
    select
        months.period,
        months.topic_id,
        months.is_after_start,
        months.problem_code,
        coalesce(problems.volume, 0) as volume,
        case when months.has_previous then coalesce(previous.previous_volume, 0) end
            as previous_volume,
        case when months.has_previous then coalesce(previous.volume_same_days_before, 0) end
            as volume_same_days_before,
    {%- for column in effect_columns() %}
        coalesce(rating_counts.{{ column }}, 0) as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
    from months
    left join problems
        on months.period = problems.period and months.problem_code = problems.problem_code
    left join previous
        on months.period = previous.period and months.problem_code = previous.problem_code
    left join rating_counts
        on
            months.period = rating_counts.period
            and months.problem_code = rating_counts.problem_code
),

-- A topic without a problem class has no figures.
summed as (
    select
        period,
        topic_id,
        is_after_start,
    {%- for column in volumes + effect_columns() %}
        cast(
            sum(case when problem_code is not null then {{ column }} end)
            as {{ counted_type(column) }}
        ) as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
    from joined
    group by period, topic_id, is_after_start
),

rated as (
    select
        period,
        topic_id,
        volume,
        previous_volume,
        volume_same_days_before,
        {{ rate('volume', 'volume_same_days_before') }} - 1 as change_rate,
        {%- for column in effect_columns() %}
            {{ column }},
        {%- endfor %}
        {{ followup_rates() }},
        is_after_start
    from summed
)

select * from rated
