{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('period', ref('int_affected_periods')) }}"
) }}

with appeals as (
    select * from {{ ref('fct_appeals') }}
    {{ only_affected('period', ref('int_affected_periods')) }}
),

dispatches as (select * from {{ ref('fct_dispatches') }}),

affected_appeals as (
    select
        period,
        problem_code,
        contact_id,
        final_unit_code
    from appeals
    where is_in_volume
),

-- An unknown unit cannot be told apart from the known ones, so it is no further unit.
units_of_appeals as (
    select
        affected_appeals.contact_id,
        count(distinct nullif(dispatches.unit_code, '{{ var("unknown_code") }}')) as units
    from affected_appeals
    inner join dispatches on affected_appeals.contact_id = dispatches.contact_id
    group by affected_appeals.contact_id
),

counted as (
    select
        affected_appeals.period,
        affected_appeals.problem_code,
        count(distinct nullif(affected_appeals.final_unit_code, '{{ var("unknown_code") }}'))
            as units,
        count(case when units_of_appeals.units >= 2 then 1 end) as several_units_volume
    from affected_appeals
    left join units_of_appeals on affected_appeals.contact_id = units_of_appeals.contact_id
    group by affected_appeals.period, affected_appeals.problem_code
)

select * from counted
