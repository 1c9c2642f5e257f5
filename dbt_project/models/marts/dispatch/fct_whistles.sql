{{ config(materialized='view', meta={'affected_by': 'contact_id'}) }}

with whistles as (select * from {{ ref('core_whistles') }}),

periods as (select period from {{ ref('core_periods') }}),

published as (
    select
        whistles.contact_id, whistles.first_whistled_at, periods.period,
        whistles.whistling_unit_code, whistles.called_units, whistles.reported_units,
        whistles.absent_units, whistles.undecided_units, whistles.reported_unit_codes,
        whistles.absent_unit_codes
    from whistles
    left join periods on whistles.period = periods.period
)

select * from published
