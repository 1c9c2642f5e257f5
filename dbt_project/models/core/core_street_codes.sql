{{ config(tags=['rules'], meta={
    'rule_columns': ['street_code', 'current_street_code', 'district_code'],
    'rule_key': 'street_code',
    'code_kind': 'street',
}) }}

-- Every code that a listed street has or had, with the code it has today and the district of that
-- street. A street that was merged or recoded counts under today's code, so that the streets of a
-- district add up to it.
with streets as (
    select * from {{ ref('streets') }}
    where source_name = '{{ var('source_name') }}'
),

former as (
    select * from {{ ref('street_changes') }}
    where source_name = '{{ var('source_name') }}' and former_code <> street_code
),

codes as (
    select
        street_code,
        street_code as current_street_code,
        district_code,
        cast(null as varchar) as former_name,
        cast(null as date) as changed_on
    from streets
    where street_code not in (select former.former_code from former)
    union all
    select
        former.former_code as street_code,
        former.street_code as current_street_code,
        streets.district_code,
        former.former_name,
        former.changed_on
    from former
    left join streets on former.street_code = streets.street_code
)

select * from codes
