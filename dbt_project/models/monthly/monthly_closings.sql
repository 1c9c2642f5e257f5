{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'period'}
) }}

-- Closings by their own clock, with the period of the dispatch that was closed.
with dispatches as (
    select
        closing_period as period,
        unit_code,
        period as dispatch_period
    from {{ ref('core_dispatches') }}
    {{ only_affected('period', 'closing_period') }}
),

counted as (
    select
        period,
        unit_code,
        dispatch_period,
        count(*) as closed_in_period
    from dispatches
    where period is not null and dispatch_period is not null
    group by period, unit_code, dispatch_period
)

select * from counted
