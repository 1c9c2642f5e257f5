-- Problems of a period: volume, breadth and what else is counted of their appeals. The figures of
-- the period before are null where the data do not reach back to it.
with street_counts as (select * from {{ ref('monthly_problem_streets') }}),

details as (select * from {{ ref('monthly_problem_details') }}),

previous as (select * from {{ ref('monthly_problem_previous') }}),

periods as (select * from {{ ref('core_periods') }}),

streets as (
    select
        period,
        problem_code,
        street_code,
        cast(sum(volume) as double) as volume
    from street_counts
    where street_code <> '{{ var("unknown_code") }}'
    group by period, problem_code, street_code
),

breadth as (
    select
        period,
        problem_code,
        count(*) as streets,
        sum(volume) as known_volume,
        sum({{ n_ln_n('volume') }}) as sum_n_ln_n
    from streets
    group by period, problem_code
),

problems as (
    select
        period,
        problem_code,
        cast(sum(volume) as bigint) as volume,
        count(distinct nullif(district_code, '{{ var("unknown_code") }}')) as districts
    from street_counts
    group by period, problem_code
),

joined as (
    select
        problems.*,
        {{ effective_number('breadth.known_volume', 'breadth.sum_n_ln_n') }} as effective_streets,
        coalesce(breadth.streets, 0) as streets,
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
    left join breadth
        on problems.period = breadth.period and problems.problem_code = breadth.problem_code
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
