-- Volume of a problem in the period before, whole and on the same elapsed days. Also for problems
-- that nobody reports any more in this period.
with periods as (select * from {{ ref('core_periods') }}),

daily_counts as (select * from {{ ref('monthly_problem_days') }}),

aged as (
    select
        periods.period,
        periods.elapsed_days,
        daily_counts.problem_code,
        daily_counts.volume,
        {{ dbt.datediff('periods.previous_starts_on', 'daily_counts.received_on', 'day') }}
            as days_into_period
    from periods
    inner join daily_counts on periods.previous_period = daily_counts.period
),

summed as (
    select
        period,
        problem_code,
        cast(sum(volume) as bigint) as previous_volume,
        cast(sum(case when days_into_period < elapsed_days then volume else 0 end) as bigint)
            as volume_same_days_before
    from aged
    group by period, problem_code
)

select * from summed
