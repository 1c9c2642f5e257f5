with city as (
    select * from {{ ref('rpt_city_performance_monthly') }}
),

ratings as (
    select
        period,
        {{ followup_counts() }}
    from {{ ref('fct_ratings') }}
    group by period
),

dispatches as (
    select
        period,
        count(*) as handled_volume
    from {{ ref('fct_dispatches') }}
    group by period
),

differences as (
    select city.period
    from city
    left join ratings on city.period = ratings.period
    left join dispatches on city.period = dispatches.period
    where
        city.followups <> coalesce(ratings.followups, 0)
        or city.valid_followups <> coalesce(ratings.valid_followups, 0)
        or city.responded <> coalesce(ratings.responded, 0)
        or city.valid_full <> coalesce(ratings.valid_full, 0)
        or city.resolved <> coalesce(ratings.resolved, 0)
        or city.satisfied <> coalesce(ratings.satisfied, 0)
        or city.basically_satisfied <> coalesce(ratings.basically_satisfied, 0)
        or city.handled_volume <> coalesce(dispatches.handled_volume, 0)
)

select * from differences
