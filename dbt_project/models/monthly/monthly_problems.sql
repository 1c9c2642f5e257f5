-- Problems of a period: volume and breadth, and what else is counted of their appeals. The figures
-- of the period before are null where the data do not reach back to it.
with problems as (select * from {{ ref('monthly_problem_breadth') }}),

details as (select * from {{ ref('monthly_problem_details') }}),

previous as (select * from {{ ref('monthly_problem_previous') }}),

periods as (select * from {{ ref('core_periods') }}),

joined as (
    select
        problems.*,
        details.units,
        details.callers,
        details.valid_full,
        details.resolved,
        details.repeat_caller_volume,
        details.several_units_volume,
        case
            when periods.previous_starts_on is not null
                then coalesce(previous.volume_same_days_before, 0)
        end as volume_same_days_before,
        case
            when periods.previous_starts_on is not null
                then coalesce(previous.previous_volume, 0)
        end as previous_volume
    from problems
    inner join periods on problems.period = periods.period
    inner join details
        on problems.period = details.period and problems.problem_code = details.problem_code
    left join previous
        on problems.period = previous.period and problems.problem_code = previous.problem_code
),

rated as (
    select
        period, problem_code, volume,
        effective_streets, streets, districts, units, callers,
        volume_same_days_before, previous_volume,
        {{ rate('volume', 'volume_same_days_before') }} - 1 as growth,
        valid_full, resolved,
        {{ rate('resolved', 'valid_full') }} as resolution_rate,
        {{ rate('repeat_caller_volume', 'volume') }} as repeat_caller_share,
        {{ rate('several_units_volume', 'volume') }} as several_units_share
    from joined
)

select * from rated
