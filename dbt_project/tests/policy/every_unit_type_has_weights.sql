{{ config(severity='warn') }}

with performance as (
    select distinct
        period,
        unit_type
    from {{ ref('rpt_unit_performance_monthly') }}
),

weights as (
    select
        period,
        unit_type
    from {{ ref('core_composite_weights') }}
),

missing as (
    select
        performance.period,
        performance.unit_type
    from performance
    left join weights
        on performance.period = weights.period and performance.unit_type = weights.unit_type
    where weights.period is null
)

select * from missing
