-- Volume and breadth of a problem in a period of the data.
with street_counts as (select * from {{ ref('monthly_problem_streets') }}),

periods as (select period from {{ ref('core_periods') }}),

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
        problems.period,
        problems.problem_code,
        problems.volume,
        {{ effective_number('breadth.known_volume', 'breadth.sum_n_ln_n') }} as effective_streets,
        coalesce(breadth.streets, 0) as streets,
        problems.districts
    from problems
    inner join periods on problems.period = periods.period
    left join breadth
        on problems.period = breadth.period and problems.problem_code = breadth.problem_code
)

select * from joined
