{{ config(tags=['rules'], meta={
    'rule_columns': ['unit_code', 'unit_type', 'effective_from', 'effective_to'],
    'rule_key': 'unit_code',
    'code_kind': 'unit',
}) }}

-- Units of the code lists and their versions. A street's unit carries the street's code; a row of
-- the list of changes ends the version before it. Where a date is outside every validity, a
-- look-up finds the nearest version before it, else the first one: effective_from to effective_to
-- has no gap.
with street_changes as (
    select
        former_code as unit_code,
        former_name as unit_name,
        street_code,
        changed_on,
        lag(changed_on) over (partition by former_code order by changed_on) as valid_from
    from {{ ref('street_changes') }}
    where source_name = '{{ var('source_name') }}'
),

streets as (
    select * from {{ ref('streets') }}
    where source_name = '{{ var('source_name') }}'
),

units as (
    select * from {{ ref('units') }}
    where source_name = '{{ var('source_name') }}'
),

renamed as (
    select
        unit_code,
        max(changed_on) as valid_from
    from street_changes
    where unit_code = street_code
    group by unit_code
),

listed as (
    select
        streets.street_code as unit_code,
        streets.street_name as unit_name,
        'street' as unit_type,
        streets.district_code,
        renamed.valid_from,
        cast(null as date) as valid_to
    from streets
    left join renamed on streets.street_code = renamed.unit_code
    union all
    select
        street_changes.unit_code,
        street_changes.unit_name,
        'street' as unit_type,
        streets.district_code,
        street_changes.valid_from,
        street_changes.changed_on as valid_to
    from street_changes
    inner join streets on street_changes.street_code = streets.street_code
    union all
    select
        unit_code,
        unit_name,
        unit_type,
        district_code,
        valid_from,
        valid_to
    from units
),

dated as (
    select
        unit_code,
        unit_name,
        unit_type,
        district_code,
        coalesce(valid_from, cast('{{ var('always_from') }}' as date)) as valid_from,
        valid_to
    from listed
),

versions as (
    select
        *,
        case
            when row_number() over (partition by unit_code order by valid_from) = 1
                then cast('0001-01-01' as date)
            else valid_from
        end as effective_from,
        coalesce(
            lead(valid_from) over (partition by unit_code order by valid_from),
            cast('9999-12-31' as date)
        ) as effective_to
    from dated
)

select * from versions
