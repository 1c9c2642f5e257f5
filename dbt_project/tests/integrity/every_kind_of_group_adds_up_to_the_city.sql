with city as (
    select * from {{ ref('rpt_city_performance_monthly') }}
),

kinds as (
    select distinct group_kind from {{ ref('rpt_group_performance_monthly') }}
),

groups as (
    select
        period,
        group_kind,
        sum(followups) as followups,
        sum(excluded) as excluded,
        sum(valid_followups) as valid_followups,
        sum(responded) as responded,
        sum(valid_full) as valid_full,
        sum(resolved) as resolved,
        sum(satisfied) as satisfied,
        sum(basically_satisfied) as basically_satisfied
    from {{ ref('rpt_group_performance_monthly') }}
    group by period, group_kind
),

differences as (
    select
        city.period,
        kinds.group_kind
    from city
    cross join kinds
    left join groups on city.period = groups.period and kinds.group_kind = groups.group_kind
    where
        city.followups <> coalesce(groups.followups, 0)
        or city.excluded <> coalesce(groups.excluded, 0)
        or city.valid_followups <> coalesce(groups.valid_followups, 0)
        or city.responded <> coalesce(groups.responded, 0)
        or city.valid_full <> coalesce(groups.valid_full, 0)
        or city.resolved <> coalesce(groups.resolved, 0)
        or city.satisfied <> coalesce(groups.satisfied, 0)
        or city.basically_satisfied <> coalesce(groups.basically_satisfied, 0)
)

select * from differences
