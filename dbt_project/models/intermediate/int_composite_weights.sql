-- Weights of the composite for a unit type and period: the row with the latest effective
-- date not after the period's first day; a row for the unit type before the row for all
-- types, a row for the source before the row for all sources. No row, no composite.
with periods as (
    select
        period,
        starts_on
    from {{ ref('int_periods') }}
),

unit_types as (
    select distinct unit_type
    from {{ ref('int_unit_versions') }}
),

weights as (
    select
        source_name,
        unit_type,
        effective_from,
        response_weight,
        resolution_weight,
        satisfaction_weight
    from {{ ref('policy_composite_weights') }}
    where {{ applies_to_source('source_name') }}
),

choices as (
    select
        periods.period,
        unit_types.unit_type,
        weights.response_weight,
        weights.resolution_weight,
        weights.satisfaction_weight,
        row_number() over (
            partition by periods.period, unit_types.unit_type
            order by
                case when weights.unit_type = '*' then 1 else 0 end,
                case when weights.source_name = '*' then 1 else 0 end,
                weights.effective_from desc
        ) as choice
    from periods
    cross join unit_types
    inner join weights
        on
            weights.unit_type in (unit_types.unit_type, '*')
            and weights.effective_from <= periods.starts_on
),

chosen as (
    select
        period,
        unit_type,
        response_weight,
        resolution_weight,
        satisfaction_weight
    from choices
    where choice = 1
)

select * from chosen
