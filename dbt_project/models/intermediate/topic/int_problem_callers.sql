{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('period', ref('int_affected_periods')) }}"
) }}

with appeals as (
    select * from {{ ref('fct_appeals') }}
    {{ only_affected('period', ref('int_affected_periods')) }}
),

counted_by_caller as (
    select
        period,
        problem_code,
        caller_key,
        count(*) as volume
    from appeals
    where is_in_volume
    group by period, problem_code, caller_key
),

-- An appeal without a caller key may come from anyone: it is never called a repeat.
counted as (
    select
        period,
        problem_code,
        count(caller_key) as callers,
        cast(
            sum(case when caller_key is not null and volume >= 2 then volume else 0 end) as bigint
        ) as repeat_caller_volume
    from counted_by_caller
    group by period, problem_code
)

select * from counted
