{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('period', ref('int_affected_periods')) }}"
) }}

with ratings as (
    select * from {{ ref('fct_ratings') }}
    {{ only_affected('period', ref('int_affected_periods')) }}
),

dispatches as (
    select
        period,
        unit_code
    from {{ ref('fct_dispatches') }}
    {{ only_affected('period', ref('int_affected_periods')) }}
),

handled as (
    select
        period,
        unit_code,
        count(*) as handled_volume
    from dispatches
    group by period, unit_code
),

followed_up as (
    select
        period,
        unit_code,
        {{ followup_counts() }}
    from ratings
    group by period, unit_code
),

keys as (
    select period, unit_code from handled
    union
    select period, unit_code from followed_up
),

counted as (
    select
        keys.period,
        keys.unit_code,
        coalesce(handled.handled_volume, 0) as handled_volume,
        coalesce(followed_up.followups, 0) as followups,
        coalesce(followed_up.valid_followups, 0) as valid_followups,
        coalesce(followed_up.responded, 0) as responded,
        coalesce(followed_up.valid_full, 0) as valid_full,
        coalesce(followed_up.resolved, 0) as resolved,
        coalesce(followed_up.satisfied, 0) as satisfied,
        coalesce(followed_up.basically_satisfied, 0) as basically_satisfied
    from keys
    left join handled
        on keys.period = handled.period and keys.unit_code = handled.unit_code
    left join followed_up
        on keys.period = followed_up.period and keys.unit_code = followed_up.unit_code
)

select * from counted
