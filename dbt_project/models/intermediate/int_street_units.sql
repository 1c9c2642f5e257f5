-- Every street as a unit, with the names and codes it had before: a row of the list of changes
-- ends the version before it.
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

listed_streets as (
    select * from {{ ref('streets') }}
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

versions as (
    select
        listed_streets.street_code as unit_code,
        listed_streets.street_name as unit_name,
        'street' as unit_type,
        listed_streets.district_code,
        renamed.valid_from,
        cast(null as date) as valid_to
    from listed_streets
    left join renamed on listed_streets.street_code = renamed.unit_code
    union all
    select
        street_changes.unit_code,
        street_changes.unit_name,
        'street' as unit_type,
        listed_streets.district_code,
        street_changes.valid_from,
        street_changes.changed_on as valid_to
    from street_changes
    inner join listed_streets on street_changes.street_code = listed_streets.street_code
)

select * from versions
