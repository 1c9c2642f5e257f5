with spans as (
    select
        span_code as period,
        appeals,
        appeal_callers
    from {{ ref('rpt_callers') }}
    where span = 'period'
),

facts as (
    select
        period,
        count(*) as appeals,
        count(distinct caller_key) as appeal_callers
    from {{ ref('fct_appeals') }}
    group by period
),

differences as (
    select coalesce(spans.period, facts.period) as period
    from spans
    full outer join facts on spans.period = facts.period
    where
        coalesce(spans.appeals, 0) <> coalesce(facts.appeals, 0)
        or coalesce(spans.appeal_callers, 0) <> coalesce(facts.appeal_callers, 0)
)

select * from differences
