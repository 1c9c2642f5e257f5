with breadth as (select * from {{ ref('int_problem_breadth') }}),

callers as (select * from {{ ref('int_problem_callers') }}),

units as (select * from {{ ref('int_problem_units') }}),

resolution as (select * from {{ ref('int_problem_resolution') }}),

previous_counts as (select * from {{ ref('int_problem_previous_counts') }}),

joined as (
    select
        breadth.period,
        breadth.problem_code,
        breadth.volume,
        breadth.effective_streets,
        breadth.streets,
        breadth.districts,
        units.units,
        callers.callers,
        coalesce(previous_counts.volume_same_days_before, 0) as volume_same_days_before,
        coalesce(previous_counts.previous_volume, 0) as previous_volume,
        coalesce(resolution.valid_full, 0) as valid_full,
        coalesce(resolution.resolved, 0) as resolved,
        {{ rate('callers.repeat_caller_volume', 'breadth.volume') }} as repeat_caller_share,
        {{ rate('units.several_units_volume', 'breadth.volume') }} as several_units_share
    from breadth
    inner join callers
        on breadth.period = callers.period and breadth.problem_code = callers.problem_code
    inner join units
        on breadth.period = units.period and breadth.problem_code = units.problem_code
    left join resolution
        on breadth.period = resolution.period and breadth.problem_code = resolution.problem_code
    left join previous_counts
        on
            breadth.period = previous_counts.period
            and breadth.problem_code = previous_counts.problem_code
),

rated as (
    select
        period,
        problem_code,
        volume,
        effective_streets,
        streets,
        districts,
        units,
        callers,
        volume_same_days_before,
        previous_volume,
        {{ rate('volume', 'volume_same_days_before') }} - 1 as growth,
        valid_full,
        resolved,
        {{ rate('resolved', 'valid_full') }} as resolution_rate,
        repeat_caller_share,
        several_units_share
    from joined
)

select * from rated
