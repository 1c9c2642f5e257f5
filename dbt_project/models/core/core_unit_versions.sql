-- Units of the code lists with their versions, and the codes that only the data know: inferred
-- members, of which one version is always in force.
with listed as (
    select *, true as is_mapped from {{ ref('core_listed_units') }}
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
        cast('{{ var('always_from') }}' as date) as valid_from,
        cast(null as date) as valid_to,
        cast('0001-01-01' as date) as effective_from,
        cast('9999-12-31' as date) as effective_to,
        false as is_mapped
    from used_codes
    where
        unit_code is not null
        and unit_code not in (select listed.unit_code from listed)
),

members as (
    select * from listed
    union all
    select * from inferred
)

select * from members
