with scores as (select * from {{ ref('topic_scores') }}),

problems as (select * from {{ ref('monthly_problems') }}),

rank_ranges as (select * from {{ ref('topic_rank_ranges') }}),

pareto_tiers as (select * from {{ ref('topic_pareto_tiers') }}),

periods as (select * from {{ ref('core_periods') }}),

joined as (
    select
        scores.period,
        scores.problem_code,
        scores.rank,
        scores.score,
        scores.volume,
        scores.effective_streets,
        problems.streets,
        problems.districts,
        problems.units,
        problems.callers,
        problems.growth,
        scores.share,
        scores.periods_in_top,
        problems.resolution_rate,
        problems.repeat_caller_share,
        problems.several_units_share,
        rank_ranges.best_rank,
        rank_ranges.worst_rank,
        pareto_tiers.pareto_tier,
        periods.raw_fingerprint,
        periods.data_through
    from scores
    inner join problems
        on scores.period = problems.period and scores.problem_code = problems.problem_code
    inner join rank_ranges
        on scores.period = rank_ranges.period and scores.problem_code = rank_ranges.problem_code
    inner join pareto_tiers
        on scores.period = pareto_tiers.period and scores.problem_code = pareto_tiers.problem_code
    inner join periods on scores.period = periods.period
)

select * from joined
