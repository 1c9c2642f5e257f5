-- Weights of the composite for a unit type and period, in force on the period's first day: the row
-- for the unit type before the row for all types. Where a weight has no row there is no composite.
with periods as (
    select period, starts_on
    from {{ ref('core_periods') }}
),

unit_types as (
    select distinct unit_type
    from {{ ref('core_unit_versions') }}
),

weights as (
    select * from {{ ref('core_policies') }}
    where policy_code in ('response_weight', 'resolution_weight', 'satisfaction_weight')
),

numbered as (
    select
        periods.period,
        unit_types.unit_type,
        weights.policy_code,
        weights.value,
        row_number() over (
            partition by periods.period, unit_types.unit_type, weights.policy_code
            order by case when weights.subject = '*' then 1 else 0 end
        ) as priority_rank
    from periods
    cross join unit_types
    inner join weights
        on
            weights.subject in (unit_types.unit_type, '*')
            and periods.starts_on >= weights.effective_from
            and periods.starts_on < weights.effective_to
),

pivoted as (
    select
        period,
        unit_type,
        max(case when policy_code = 'response_weight' then value end) as response_weight,
        max(case when policy_code = 'resolution_weight' then value end) as resolution_weight,
        max(case when policy_code = 'satisfaction_weight' then value end)
            as satisfaction_weight
    from numbered
    where priority_rank = 1
    group by period, unit_type
)

select * from pivoted
