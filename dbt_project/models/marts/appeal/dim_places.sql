with districts as (
    select
        district_code,
        district_name
    from {{ ref('districts') }}
    where source_name = '{{ var('source_name') }}'
),

streets as (
    select * from {{ ref('streets') }}
    where source_name = '{{ var('source_name') }}'
),

street_codes as (
    select * from {{ ref('core_street_codes') }}
),

-- Streets that were merged or recoded stay members: appeals name them by the old code.
listed as (
    select
        street_codes.street_code,
        coalesce(street_codes.former_name, streets.street_name) as street_name,
        streets.street_type,
        street_codes.district_code,
        true as is_mapped,
        street_codes.current_street_code
    from street_codes
    inner join streets on street_codes.current_street_code = streets.street_code
),

named_districts as (
    select
        street_code,
        coalesce(district_code, '{{ var('unknown_code') }}') as district_code,
        count(*) as contacts
    from {{ ref('stg_contacts') }}
    where
        street_code is not null
        and street_code not in (select listed.street_code from listed)
    group by street_code, district_code
),

-- A street only the data know is in the district its contacts name most often.
numbered as (
    select
        street_code,
        district_code,
        row_number() over (
            partition by street_code
            order by
                case when district_code = '{{ var('unknown_code') }}' then 1 else 0 end,
                contacts desc,
                district_code
        ) as priority_rank
    from named_districts
),

inferred as (
    select
        street_code,
        street_code as street_name,
        '{{ var('unknown_code') }}' as street_type,
        district_code,
        false as is_mapped,
        street_code as current_street_code
    from numbered
    where priority_rank = 1 and street_code <> '{{ var('unknown_code') }}'
),

missing as (
    select
        '{{ var('unknown_code') }}' as street_code,
        '{{ var('unknown_code') }}' as street_name,
        '{{ var('unknown_code') }}' as street_type,
        '{{ var('unknown_code') }}' as district_code,
        false as is_mapped,
        '{{ var('unknown_code') }}' as current_street_code
),

members as (
    select * from listed
    union all
    select * from inferred
    union all
    select * from missing
),

named as (
    select
        members.street_code,
        members.street_name,
        members.street_type,
        members.district_code,
        coalesce(districts.district_name, members.district_code) as district_name,
        members.is_mapped,
        members.current_street_code,
        members.current_street_code = members.street_code as is_current
    from members
    left join districts on members.district_code = districts.district_code
)

select * from named
