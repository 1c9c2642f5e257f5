{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('period', ref('int_affected_periods')) }}"
) }}

with appeals as (
    select * from {{ ref('fct_appeals') }}
    {{ only_affected('period', ref('int_affected_periods')) }}
),

ratings as (select * from {{ ref('fct_ratings') }}),

-- The ratings of the appeals received in the period, whenever the follow-up took place.
counted as (
    select
        appeals.period,
        appeals.problem_code,
        count(*) as valid_full,
        count(case when ratings.is_resolved then 1 end) as resolved
    from appeals
    inner join ratings on appeals.contact_id = ratings.contact_id
    where
        appeals.is_in_volume
        and ratings.is_valid_full
    group by appeals.period, appeals.problem_code
)

select * from counted
