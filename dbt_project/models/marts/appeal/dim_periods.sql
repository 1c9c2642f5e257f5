{{ config(materialized='view') }}

with periods as (select * from {{ ref('core_periods') }}),

published as (
    select
        period, starts_on, ends_before, last_on, days, start_day, previous_period,
        is_complete, is_provisional
    from periods
)

select * from published
