-- Best and worst rank of a problem over the weights of the policy and leaving one district out.
with problems as (
    select * from {{ ref('monthly_problem_breadth') }}
    where problem_code <> '{{ var("unknown_code") }}'
),

district_left_out as (select * from {{ ref('topic_district_left_out') }}),

policy as (
    select
        period,
        score_volume_weight as weight,
        score_volume_weight_low as weight_low,
        score_volume_weight_high as weight_high,
        score_volume_weight_step as weight_step
    from {{ ref('core_periods') }}
),

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
        district_left_out.period,
        concat('without ', district_left_out.left_out_district_code) as scenario,
        policy.weight,
        district_left_out.problem_code,
        district_left_out.volume,
        district_left_out.effective_streets
    from district_left_out
    inner join policy on district_left_out.period = policy.period
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
            partition by period, scenario order by {{ rank_order() }}
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
