{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('period', ref('int_affected_periods')) }}"
) }}

with counts as (
    select * from {{ ref('int_unit_counts_monthly') }}
    {{ only_affected('period', ref('int_affected_periods')) }}
),

periods as (
    select
        period,
        ends_before
    from {{ ref('int_periods') }}
),

unit_versions as (
    select * from {{ ref('int_unit_versions') }}
),

weights as (
    select * from {{ ref('int_composite_weights') }}
),

policies as (
    select
        period,
        value as basically_satisfied_weight
    from {{ ref('int_period_policies') }}
    where parameter_code = 'basically_satisfied_weight'
),

-- A unit has in a period the type it has on the period's last day.
typed as (
    select
        counts.*,
        unit_versions.unit_type,
        policies.basically_satisfied_weight
    from counts
    inner join periods on counts.period = periods.period
    inner join policies on counts.period = policies.period
    inner join unit_versions
        on
            counts.unit_code = unit_versions.unit_code
            and periods.ends_before > unit_versions.in_force_from
            and periods.ends_before <= unit_versions.in_force_before
),

rated as (
    select
        *,
        {{ rate('responded', 'valid_followups') }} as response_rate,
        {{ rate('resolved', 'valid_full') }} as resolution_rate,
        {{ satisfaction_rate(
            'satisfied', 'basically_satisfied', 'basically_satisfied_weight', 'valid_full'
        ) }} as satisfaction_rate
    from typed
),

-- Rounded, so that the last digit of a computed number never makes an order of its own.
composed as (
    select
        rated.*,
        round(100 * (
            weights.response_weight * rated.response_rate
            + weights.resolution_weight * rated.resolution_rate
            + weights.satisfaction_weight * rated.satisfaction_rate
        ), 9) as composite
    from rated
    left join weights
        on rated.period = weights.period and rated.unit_type = weights.unit_type
),

ranked as (
    select
        *,
        row_number() over (
            partition by period, unit_type
            order by composite desc nulls last, handled_volume desc, unit_code
        ) as place
    from composed
),

described as (
    select
        period,
        unit_code,
        unit_type,
        handled_volume,
        {%- for column in followup_columns() %}
            {{ column }},
        {%- endfor %}
        response_rate,
        resolution_rate,
        satisfaction_rate,
        composite,
        case when composite is not null then place end as rank
    from ranked
)

select * from described
