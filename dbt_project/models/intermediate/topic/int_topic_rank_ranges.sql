{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('period', ref('int_affected_periods')) }}"
) }}

with breadth as (
    select * from {{ ref('int_problem_breadth') }}
    {{ only_affected('period', ref('int_affected_periods')) }}
),

problems as (
    select *
    from breadth
    where problem_code <> '{{ var("unknown_code") }}'
),

left_out_measures as (
    select * from {{ ref('int_topic_left_out_measures') }}
    {{ only_affected('period', ref('int_affected_periods')) }}
),

policy as (select * from {{ ref('int_topic_policy') }}),

whole_numbers as ({{ whole_numbers(101) }}),

-- The grid of weights, ends included. Weights are rounded so that 0.3 + 4 x 0.1 is 0.7.
weights as (
    select
        policy.period,
        concat('weight ', whole_numbers.n) as scenario,
        round(policy.weight_low + whole_numbers.n * policy.weight_step, {{ topic_decimals() }})
            as weight
    from policy
    inner join whole_numbers
        on
            whole_numbers.n
            <= round((policy.weight_high - policy.weight_low) / policy.weight_step, 6)
    union all
    select
        period,
        'as ranked' as scenario,
        weight
    from policy
),

scenarios as (
    select
        problems.period,
        weights.scenario,
        weights.weight,
        problems.problem_code,
        problems.volume,
        problems.effective_streets
    from problems
    inner join weights on problems.period = weights.period
    union all
    select
        left_out_measures.period,
        concat('without ', left_out_measures.left_out_district_code) as scenario,
        policy.weight,
        left_out_measures.problem_code,
        left_out_measures.volume,
        left_out_measures.effective_streets
    from left_out_measures
    inner join policy on left_out_measures.period = policy.period
),

measured as (
    select
        *,
        max(volume) over (partition by period, scenario) as max_volume,
        max(effective_streets) over (partition by period, scenario) as max_effective_streets
    from scenarios
),

scored as (
    select
        *,
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
            partition by period, scenario order by score desc, volume desc, problem_code asc
        ) as scenario_rank
    from scored
),

ranges as (
    select
        period,
        problem_code,
        min(scenario_rank) as best_rank,
        max(scenario_rank) as worst_rank
    from ranked
    group by period, problem_code
)

select * from ranges
