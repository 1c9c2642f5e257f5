-- What is this? The volumes of all problems of a period against the appeals in volume it received.
-- When does it matter? Always: a difference means appeals were lost or counted twice.
-- How to resolve? Run a full refresh; if it stays, a period table forgot an affected period.
with problems as (
    select
        period,
        sum(volume) as volume
    from {{ ref('fct_problem_monthly') }}
    group by period
),

appeals as (
    select
        period,
        count(*) as volume
    from {{ ref('fct_appeals') }}
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
