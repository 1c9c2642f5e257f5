{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('period', ref('int_affected_periods')) }}"
) }}

with rating_counts as (
    select * from {{ ref('int_rating_counts_monthly') }}
    {{ only_affected('period', ref('int_affected_periods')) }}
),

dispatches as (
    select
        period,
        unit_code
    from {{ ref('fct_dispatches') }}
    {{ only_affected('period', ref('int_affected_periods')) }}
),

handled as (
    select
        period,
        unit_code,
        count(*) as handled_volume
    from dispatches
    group by period, unit_code
),

followed_up as (
    select
        period,
        unit_code,
        {{ pooled_followups() }}
    from rating_counts
    group by period, unit_code
),

keys as (
    select period, unit_code from handled
    union
    select period, unit_code from followed_up
),

counted as (
    select
        keys.period,
        keys.unit_code,
        coalesce(handled.handled_volume, 0) as handled_volume,
    {%- for column in followup_columns() %}
        coalesce(followed_up.{{ column }}, 0) as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
    from keys
    left join handled
        on keys.period = handled.period and keys.unit_code = handled.unit_code
    left join followed_up
        on keys.period = followed_up.period and keys.unit_code = followed_up.unit_code
)

select * from counted
