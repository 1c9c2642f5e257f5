with problems as (select * from {{ ref('fct_problem_monthly') }}),

policy as (select * from {{ ref('int_topic_policy') }}),

shared as (
    select
        *,
        {{ rate('volume', 'sum(volume) over (partition by period)') }} as share
    from problems
),

-- A complaint whose problem nobody named cannot become a topic.
measured as (
    select
        shared.period,
        shared.problem_code,
        shared.volume,
        shared.effective_streets,
        shared.share,
        policy.weight,
        max(shared.volume) over (partition by shared.period) as max_volume,
        max(shared.effective_streets) over (partition by shared.period) as max_effective_streets
    from shared
    inner join policy on shared.period = policy.period
    where shared.problem_code <> '{{ var("unknown_code") }}'
),

scored as (
    select
        period,
        problem_code,
        volume,
        effective_streets,
        share,
        {{
            topic_score(
                'volume', 'max_volume', 'effective_streets', 'max_effective_streets', 'weight'
            )
        }} as score
    from measured
),

ranked as (
    select
        *,
        row_number() over (
            partition by period order by score desc, volume desc, problem_code asc
        ) as rank
    from scored
)

select * from ranked
