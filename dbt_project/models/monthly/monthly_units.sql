-- Units of a period: what they were handed, their rates, composite and rank. A unit has in a period
-- the type it has on the period's last day.
with rating_counts as (
    select * from {{ ref('monthly_ratings') }}
),

workload as (
    select * from {{ ref('monthly_workload') }}
),

periods as (
    select * from {{ ref('core_periods') }}
),

unit_versions as (
    select * from {{ ref('core_unit_versions') }}
),

weights as (
    select * from {{ ref('core_composite_weights') }}
),

followed_up as (
    select
        period,
        unit_code,
        {{ pooled_followups() }},
        {{ pooled_settlement() }}
    from rating_counts
    group by period, unit_code
),

keys as (
    select period, unit_code from workload
    union
    select period, unit_code from followed_up
),

counted as (
    select
        keys.period,
        keys.unit_code,
        periods.last_on,
        coalesce(workload.received, 0) as handled_volume,
    {%- for column in followup_columns() + settlement_columns() %}
        coalesce(followed_up.{{ column }}, 0) as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
    from keys
    inner join periods on keys.period = periods.period
    left join workload
        on keys.period = workload.period and keys.unit_code = workload.unit_code
    left join followed_up
        on keys.period = followed_up.period and keys.unit_code = followed_up.unit_code
),

rated as (
    select
        counted.*,
        unit_versions.unit_type,
        {{ followup_rates() }}
    from counted
    inner join unit_versions
        on
            counted.unit_code = unit_versions.unit_code
            and counted.last_on >= unit_versions.effective_from
            and counted.last_on < unit_versions.effective_to
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
        ) as position
    from composed
),

described as (
    select
        period, unit_code, unit_type, handled_volume,
        {%- for column in followup_columns() + settlement_columns() %}
            {{ column }},
        {%- endfor %}
        response_rate, resolution_rate, satisfaction_rate, composite,
        case when composite is not null then position end as rank
    from ranked
)

select * from described
