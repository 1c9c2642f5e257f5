with callers as (
    select * from {{ ref('rpt_callers') }}
    {{ only_checked('period', 'bucket_code') }}
),

buckets as (
    select
        bucket_code as period,
        appeals,
        appeal_callers
    from callers
    where bucket = 'period'
),

facts as (
    select
        period,
        count(*) as appeals,
        count(distinct caller_key) as appeal_callers
    from {{ ref('fct_appeals') }}
    {{ only_checked('period') }}
    group by period
),

differences as (
    select coalesce(buckets.period, facts.period) as period
    from buckets
    full outer join facts on buckets.period = facts.period
    where
        coalesce(buckets.appeals, 0) <> coalesce(facts.appeals, 0)
        or coalesce(buckets.appeal_callers, 0) <> coalesce(facts.appeal_callers, 0)
)

select * from differences
