{{ config(tags=['rules'], meta={
    'rule_columns': ['on_date', 'opens_at', 'working_seconds', 'working_seconds_before'],
}) }}

-- Working time of every day of half a century, and all of it before the day: the working time
-- between two times is a difference of two look-ups. The range does not follow the data, so
-- that a row computed once holds for good. Office hours and the last weekday of work are those
-- in force on the day; the list of exceptions counts before the weekday.
with parameters as (
    select
        policy_code,
        effective_from,
        effective_to,
        cast(value as integer) as value
    from {{ ref('core_policies') }}
    where policy_code in ('work_starts_hour', 'work_ends_hour', 'last_working_weekday')
),

exceptions as (
    select
        on_date,
        is_working,
        row_number() over (
            partition by on_date order by {{ own_source_first('source_name') }}
        ) as priority_rank
    from {{ ref('policy_working_days') }}
    where {{ applies_to_source('source_name') }}
),

numbers as (
    {{ dbt.generate_series(18263) }}
),

-- 2000-01-01 was a Saturday, the sixth day of its week.
days as (
    select
        cast({{ dbt.dateadd(
            'day', 'generated_number - 1', "cast('2000-01-01' as date)"
        ) }} as date) as on_date,
        (generated_number + 4) % 7 + 1 as weekday
    from numbers
),

effective as (
    select
        days.on_date,
        max(case when parameters.policy_code = 'work_starts_hour' then parameters.value end)
            as starts_hour,
        max(case when parameters.policy_code = 'work_ends_hour' then parameters.value end)
            as ends_hour,
        max(case when parameters.policy_code = 'last_working_weekday' then parameters.value end)
            as last_weekday
    from days
    inner join parameters
        on
            days.on_date >= parameters.effective_from
            and days.on_date < parameters.effective_to
    group by days.on_date
),

marked as (
    select
        days.on_date,
        coalesce(exceptions.is_working, days.weekday <= effective.last_weekday) as is_working,
        effective.starts_hour,
        effective.ends_hour
    from days
    inner join effective on days.on_date = effective.on_date
    left join exceptions on days.on_date = exceptions.on_date and exceptions.priority_rank = 1
),

measured as (
    select
        on_date,
        is_working,
        cast({{ dbt.dateadd('hour', 'starts_hour', 'cast(on_date as timestamp)') }} as timestamp)
            as opens_at,
        case when is_working then (ends_hour - starts_hour) * 3600 else 0 end as working_seconds
    from marked
),

summed as (
    select
        *,
        cast(
            sum(working_seconds) over (order by on_date rows unbounded preceding)
            - working_seconds as bigint
        ) as working_seconds_before
    from measured
)

select * from summed
