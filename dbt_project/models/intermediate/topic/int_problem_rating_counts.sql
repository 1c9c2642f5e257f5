{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('period', ref('int_affected_periods')) }}"
) }}

with rating_counts as (
    select * from {{ ref('int_rating_counts_monthly') }}
    {{ only_affected('period', ref('int_affected_periods')) }}
),

counted as (
    select
        period,
        problem_code,
        {{ pooled_followups() }}
    from rating_counts
    group by period, problem_code
)

select * from counted
