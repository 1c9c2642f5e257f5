with workload as (
    select
        period,
        unit_code,
        backlog_at_end
    from {{ ref('rpt_unit_workload_monthly') }}
),

-- Few rows, so that every period can be compared with all hand-overs before it.
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

counted as (
    select
        workload.period,
        workload.unit_code,
        workload.backlog_at_end,
        coalesce(sum(left_over.dispatches), 0) as open_at_end
    from workload
    left join left_over
        on
            workload.unit_code = left_over.unit_code
            and workload.period >= left_over.period
            and (left_over.closing_period is null or workload.period < left_over.closing_period)
    group by workload.period, workload.unit_code, workload.backlog_at_end
),

differences as (
    select
        period,
        unit_code
    from counted
    where backlog_at_end <> open_at_end
)

select * from differences
