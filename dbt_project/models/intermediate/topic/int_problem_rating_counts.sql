{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('period', ref('int_affected_periods')) }}"
) }}

with ratings as (
    select * from {{ ref('fct_ratings') }}
    {{ only_affected('period', ref('int_affected_periods')) }}
),

counted as (
    select
        period,
        problem_code,
        count(*) as valid_followups,
        count(case when is_responded then 1 end) as responded,
        count(case when is_valid_full then 1 end) as valid_full,
        count(case when is_valid_full and is_resolved then 1 end) as resolved,
        count(case when is_valid_full and satisfaction = 'satisfied' then 1 end) as satisfied,
        count(case when is_valid_full and satisfaction = 'basically_satisfied' then 1 end)
            as basically_satisfied
    from ratings
    where is_valid
    group by period, problem_code
)

select * from counted
