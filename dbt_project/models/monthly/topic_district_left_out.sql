-- Volume and breadth of every problem leaving out one district at a time.
with street_counts as (select * from {{ ref('monthly_problem_streets') }}),

-- A street may be named under two districts. Its count without one of them is then not 0, so
-- the change of n ln n is taken per street, from the street's own total.
streets as (
    select
        period,
        problem_code,
        district_code,
        volume,
        case
            when street_code <> '{{ var("unknown_code") }}' then cast(volume as double)
            else 0e0
        end as known_volume,
        cast(sum(volume) over (partition by period, problem_code, street_code) as double)
            as street_volume
    from street_counts
    where problem_code <> '{{ var("unknown_code") }}'
),

-- Not taken from monthly_problem_breadth: what is rounded before the subtraction shows after it.
problems as (
    select
        period,
        problem_code,
        cast(sum(volume) as bigint) as volume,
        sum(known_volume) as known_volume,
        sum(known_volume * ln(street_volume)) as sum_n_ln_n
    from streets
    group by period, problem_code
),

parts as (
    select
        period,
        problem_code,
        district_code,
        cast(sum(volume) as bigint) as volume,
        sum(known_volume) as known_volume,
        sum(
            case
                when known_volume > 0
                    then
                        ({{ n_ln_n('street_volume') }})
                        - ({{ n_ln_n('(street_volume - known_volume)') }})
                else 0e0
            end
        ) as n_ln_n_part
    from streets
    group by period, problem_code, district_code
),

-- 'unknown' is no district: leaving it out would say nothing about a place.
districts as (
    select distinct
        period,
        district_code
    from street_counts
    where district_code <> '{{ var("unknown_code") }}'
),

without_district as (
    select
        problems.period,
        districts.district_code as left_out_district_code,
        problems.problem_code,
        problems.volume - coalesce(parts.volume, 0) as volume,
        problems.known_volume - coalesce(parts.known_volume, 0) as known_volume,
        problems.sum_n_ln_n - coalesce(parts.n_ln_n_part, 0) as sum_n_ln_n
    from problems
    inner join districts on problems.period = districts.period
    left join parts
        on
            problems.period = parts.period
            and problems.problem_code = parts.problem_code
            and districts.district_code = parts.district_code
),

measured as (
    select
        period,
        left_out_district_code,
        problem_code,
        volume,
        {{ effective_number('known_volume', 'sum_n_ln_n') }} as effective_streets
    from without_district
)

select * from measured
