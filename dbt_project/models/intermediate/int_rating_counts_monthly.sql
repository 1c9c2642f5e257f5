{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('period', ref('int_affected_periods')) }}"
) }}

-- Follow-ups by all that rates are told apart by. Whatever is coarser is added up from here.
with ratings as (
    select * from {{ ref('fct_ratings') }}
    {{ only_affected('period', ref('int_affected_periods')) }}
),

counted as (
    select
        period,
        unit_code,
        unit_type,
        district_code,
        problem_code,
        {{ followup_counts() }}
    from ratings
    group by period, unit_code, unit_type, district_code, problem_code
)

select * from counted
