{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('period', ref('int_affected_periods')) }}"
) }}

-- Follow-ups of a unit as they stood when the period ended, and what came late.
with ratings as (
    select
        *,
        is_valid_at_close and assessment_scope = 'full' as is_full_at_close
    from {{ ref('fct_ratings') }}
    {{ only_affected('period', ref('int_affected_periods')) }}
),

counted as (
    select
        period,
        unit_code,
        count(case when is_valid_at_close then 1 end) as valid_at_close,
        count(case when is_valid_at_close and is_responded then 1 end) as responded_at_close,
        count(case when is_full_at_close then 1 end) as valid_full_at_close,
        count(case when is_full_at_close and is_resolved then 1 end) as resolved_at_close,
        count(case when is_full_at_close and satisfaction = 'satisfied' then 1 end)
            as satisfied_at_close,
        count(case when is_full_at_close and satisfaction = 'basically_satisfied' then 1 end)
            as basically_satisfied_at_close,
        count(case when is_late then 1 end) as late_followups,
        count(case when is_valid_at_close and not is_valid then 1 end) as late_exclusions
    from ratings
    group by period, unit_code
)

select * from counted
