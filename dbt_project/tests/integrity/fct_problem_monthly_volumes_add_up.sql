with problems as (
    select
        period,
        sum(volume) as volume
    from {{ ref('fct_problem_monthly') }}
    {{ only_checked('period') }}
    group by period
),

facts as (
    select * from {{ ref('fct_appeals') }}
    {{ only_checked('period') }}
),

appeals as (
    select
        period,
        count(*) as volume
    from facts
    where is_in_volume
    group by period
),

compared as (
    select
        coalesce(problems.period, appeals.period) as period,
        coalesce(problems.volume, 0) as problem_volume,
        coalesce(appeals.volume, 0) as appeal_volume
    from problems
    full outer join appeals on problems.period = appeals.period
),

differing as (
    select *
    from compared
    where problem_volume <> appeal_volume
)

select * from differing
