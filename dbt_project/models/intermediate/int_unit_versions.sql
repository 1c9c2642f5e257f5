-- Units and their validity. A street's unit carries the street's code; codes that only the
-- data know become inferred members. Where a date lies outside every validity the nearest
-- version before it holds, else the first one: in_force_from to in_force_before has no gap.
with streets as (
    select * from {{ ref('int_street_units') }}
),

units as (
    select
        unit_code,
        unit_name,
        unit_type,
        district_code,
        valid_from,
        valid_to
    from {{ ref('units') }}
    where source_name = '{{ var('source_name') }}'
),

mapped as (
    select * from streets
    union all
    select * from units
),

used_codes as (
    select unit_code from {{ ref('stg_dispatches') }}
    union
    select lead_unit_code as unit_code from {{ ref('stg_topics') }}
    union
    select unit_code from {{ ref('stg_topic_tasks') }}
    union
    select '{{ var('unknown_code') }}' as unit_code
),

inferred as (
    select
        unit_code,
        unit_code as unit_name,
        '{{ var('unknown_code') }}' as unit_type,
        cast(null as varchar) as district_code,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to
    from used_codes
    where
        unit_code is not null
        and unit_code not in (select mapped.unit_code from mapped)
),

members as (
    select *, true as is_mapped from mapped
    union all
    select *, false as is_mapped from inferred
),

dated as (
    select
        unit_code,
        unit_name,
        unit_type,
        district_code,
        coalesce(valid_from, cast('{{ var('always_from') }}' as date)) as valid_from,
        valid_to,
        is_mapped
    from members
),

versions as (
    select
        *,
        case
            when row_number() over (partition by unit_code order by valid_from) = 1
                then cast('0001-01-01' as date)
            else valid_from
        end as in_force_from,
        coalesce(
            lead(valid_from) over (partition by unit_code order by valid_from),
            cast('9999-12-31' as date)
        ) as in_force_before
    from dated
)

select * from versions
