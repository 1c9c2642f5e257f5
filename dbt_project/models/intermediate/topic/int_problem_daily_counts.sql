{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('period', ref('int_affected_periods')) }}"
) }}

with appeals as (
    select * from {{ ref('fct_appeals') }}
    {{ only_affected('period', ref('int_affected_periods')) }}
),

counted as (
    select
        period,
        received_on,
        problem_code,
        count(*) as volume
    from appeals
    where is_in_volume
    group by period, received_on, problem_code
)

select * from counted
