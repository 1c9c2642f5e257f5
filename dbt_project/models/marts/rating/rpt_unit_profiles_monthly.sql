-- What a unit is asked to do, and whether it knows the problem: new where it had none of it in
-- the periods that policy looks back; nobody can know where the dispatches do not reach back so
-- far.
with counts as (select * from {{ ref('monthly_unit_problems') }}),

periods as (select * from {{ ref('core_periods') }}),

numbered as (
    select
        counts.*,
        periods.period_no,
        periods.profile_periods,
        min(periods.period_no) over () as first_period_no,
        lag(periods.period_no) over (
            partition by counts.unit_code, counts.problem_code
            order by periods.period_no
        ) as seen_before_no,
        row_number() over (
            partition by counts.unit_code, counts.problem_code
            order by periods.period_no
        ) as periods_seen,
        min(counts.period) over (partition by counts.unit_code, counts.problem_code)
            as first_period
    from counts
    inner join periods on counts.period = periods.period
),

described as (
    select
        period,
        unit_code,
        problem_code,
        received,
        {{ rate('received', 'sum(received) over (partition by period, unit_code)') }} as share,
        row_number() over (
            partition by period, unit_code
            order by received desc, problem_code
        ) as position,
        returned,
        overdue,
        known_overdue,
        {{ rate('overdue', 'known_overdue') }} as overdue_share,
        periods_seen,
        first_period,
        case
            when period_no - seen_before_no < profile_periods then false
            when period_no - first_period_no + 1 >= profile_periods then true
        end as is_new
    from numbered
)

select * from described
