{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('period', ref('int_affected_periods')) }}"
) }}

-- Closings by their own clock: of whatever period the hand-over is.
with dispatches as (
    select
        closing_period as period,
        unit_code
    from {{ ref('fct_dispatches') }}
    {{ only_affected('closing_period', ref('int_affected_periods'), 'period') }}
),

counted as (
    select
        period,
        unit_code,
        count(*) as closed_in_period
    from dispatches
    where period is not null
    group by period, unit_code
)

select * from counted
