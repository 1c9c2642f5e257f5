-- Score and rank of a problem, and in how many of the last periods it ranked at the top.
with problems as (select * from {{ ref('monthly_problem_breadth') }}),

periods as (select * from {{ ref('core_periods') }}),

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
        periods.period_no,
        periods.score_volume_weight as weight,
        periods.persistence_top_n as top_n,
        periods.persistence_periods,
        max(shared.volume) over (partition by shared.period) as max_volume,
        max(shared.effective_streets) over (partition by shared.period) as max_effective_streets
    from shared
    inner join periods on shared.period = periods.period
    where shared.problem_code <> '{{ var("unknown_code") }}'
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
        row_number() over (partition by period order by {{ rank_order() }}) as rank
    from scored
),

-- The last n periods are this one and the n - 1 before it; this period's own rule holds for all.
counted as (
    select
        ranked.period,
        ranked.problem_code,
        count(case when earlier.rank <= ranked.top_n then 1 end) as periods_in_top
    from ranked
    inner join ranked as earlier
        on
            ranked.problem_code = earlier.problem_code
            and earlier.period_no <= ranked.period_no
            and earlier.period_no > ranked.period_no - ranked.persistence_periods
    group by ranked.period, ranked.problem_code
),

described as (
    select
        ranked.period,
        ranked.problem_code,
        ranked.volume,
        ranked.effective_streets,
        ranked.share,
        ranked.score,
        ranked.rank,
        counted.periods_in_top
    from ranked
    inner join counted
        on ranked.period = counted.period and ranked.problem_code = counted.problem_code
)

select * from described
