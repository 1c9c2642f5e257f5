{{ config(tags=['whole_history']) }}

with workload as (
    select
        period,
        unit_code,
        backlog_at_end
    from {{ ref('rpt_unit_workload_monthly') }}
),

-- Few rows, so that every period can be compared with all dispatches before it.
left_over as (
    select
        unit_code,
        period,
        closing_period,
        count(*) as dispatches
    from {{ ref('fct_dispatches') }}
    where status <> 'returned'
    group by unit_code, period, closing_period
),

begun_periods as (
    select period
    from {{ ref('core_periods') }}
    where elapsed_days > 0
),

-- From the side of the dispatches as well: a row that is missing would not be noticed.
keys as (
    select period, unit_code from workload
    union
    select
        begun_periods.period,
        left_over.unit_code
    from begun_periods
    inner join left_over on begun_periods.period >= left_over.period
),

counted as (
    select
        keys.period,
        keys.unit_code,
        coalesce(sum(left_over.dispatches), 0) as open_at_end
    from keys
    left join left_over
        on
            keys.unit_code = left_over.unit_code
            and keys.period >= left_over.period
            and (left_over.closing_period is null or keys.period < left_over.closing_period)
    group by keys.period, keys.unit_code
),

differences as (
    select
        counted.period,
        counted.unit_code
    from counted
    left join workload
        on counted.period = workload.period and counted.unit_code = workload.unit_code
    where counted.open_at_end <> coalesce(workload.backlog_at_end, 0)
)

select * from differences
