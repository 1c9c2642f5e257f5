with topics as (select * from {{ ref('dim_topics') }}),

topic_problems as (select * from {{ ref('brg_topic_problems') }}),

periods as (select * from {{ ref('int_topic_periods') }}),

policy as (select * from {{ ref('int_topic_policy') }}),

problems as (select * from {{ ref('fct_problem_monthly') }}),

-- Not read from fct_problem_monthly: a problem nobody reports any more has no row there.
previous_counts as (select * from {{ ref('int_problem_previous_counts') }}),

rating_counts as (select * from {{ ref('int_problem_rating_counts') }}),

months as (
    select
        periods.period,
        topics.topic_id,
        periods.starts_on >= topics.starts_on as is_after_start,
        policy.basically_satisfied_weight
    from periods
    inner join policy on periods.period = policy.period
    cross join topics
    where periods.elapsed_days > 0
),

summed as (
    select
        months.period,
        months.topic_id,
        cast(coalesce(sum(problems.volume), 0) as bigint) as volume,
        cast(coalesce(sum(previous_counts.previous_volume), 0) as bigint) as previous_volume,
        cast(coalesce(sum(previous_counts.volume_same_days_before), 0) as bigint)
            as volume_same_days_before,
        cast(coalesce(sum(rating_counts.valid_followups), 0) as bigint) as valid_followups,
        cast(coalesce(sum(rating_counts.responded), 0) as bigint) as responded,
        cast(coalesce(sum(rating_counts.valid_full), 0) as bigint) as valid_full,
        cast(coalesce(sum(rating_counts.resolved), 0) as bigint) as resolved,
        cast(coalesce(sum(rating_counts.satisfied), 0) as bigint) as satisfied,
        cast(coalesce(sum(rating_counts.basically_satisfied), 0) as bigint) as basically_satisfied
    from months
    left join topic_problems on months.topic_id = topic_problems.topic_id
    left join problems
        on
            months.period = problems.period
            and topic_problems.problem_code = problems.problem_code
    left join previous_counts
        on
            months.period = previous_counts.period
            and topic_problems.problem_code = previous_counts.problem_code
    left join rating_counts
        on
            months.period = rating_counts.period
            and topic_problems.problem_code = rating_counts.problem_code
    group by months.period, months.topic_id
),

rated as (
    select
        summed.period,
        summed.topic_id,
        summed.volume,
        summed.previous_volume,
        summed.volume_same_days_before,
        {{ rate('summed.volume', 'summed.volume_same_days_before') }} - 1 as change_rate,
        summed.valid_followups,
        summed.responded,
        summed.valid_full,
        summed.resolved,
        summed.satisfied,
        summed.basically_satisfied,
        {{ rate('summed.responded', 'summed.valid_followups') }} as response_rate,
        {{ rate('summed.resolved', 'summed.valid_full') }} as resolution_rate,
        {{
            satisfaction_rate(
                'summed.satisfied',
                'summed.basically_satisfied',
                'months.basically_satisfied_weight',
                'summed.valid_full'
            )
        }} as satisfaction_rate,
        months.is_after_start
    from summed
    inner join months
        on summed.period = months.period and summed.topic_id = months.topic_id
)

select * from rated
