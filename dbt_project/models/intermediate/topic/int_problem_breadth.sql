with street_counts as (select * from {{ ref('int_problem_street_counts') }}),

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

problems as (
    select
        period,
        problem_code,
        cast(sum(volume) as bigint) as volume,
        count(distinct nullif(district_code, '{{ var("unknown_code") }}')) as districts
    from street_counts
    group by period, problem_code
),

summed as (
    select
        period,
        problem_code,
        count(*) as streets,
        sum(volume) as known_volume,
        sum({{ n_ln_n('volume') }}) as sum_n_ln_n
    from streets
    group by period, problem_code
),

joined as (
    select
        problems.period,
        problems.problem_code,
        problems.volume,
        {{ effective_number('summed.known_volume', 'summed.sum_n_ln_n') }} as effective_streets,
        coalesce(summed.streets, 0) as streets,
        problems.districts
    from problems
    left join summed
        on problems.period = summed.period and problems.problem_code = summed.problem_code
)

select * from joined
