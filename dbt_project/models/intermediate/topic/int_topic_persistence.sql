with scores as (select * from {{ ref('int_topic_scores') }}),

periods as (select * from {{ ref('int_topic_periods') }}),

policy as (select * from {{ ref('int_topic_policy') }}),

numbered as (
    select
        scores.period,
        scores.problem_code,
        scores.rank,
        periods.period_no,
        policy.top_n,
        policy.persistence_periods
    from scores
    inner join periods on scores.period = periods.period
    inner join policy on scores.period = policy.period
),

-- The last n periods are this one and the n - 1 before it; this period's own rule holds for all.
counted as (
    select
        numbered.period,
        numbered.problem_code,
        count(case when earlier.rank <= numbered.top_n then 1 end) as periods_in_top
    from numbered
    inner join numbered as earlier
        on
            numbered.problem_code = earlier.problem_code
            and earlier.period_no <= numbered.period_no
            and earlier.period_no > numbered.period_no - numbered.persistence_periods
    group by numbered.period, numbered.problem_code
)

select * from counted
