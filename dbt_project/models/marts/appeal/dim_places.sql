with districts as (
    select
        district_code,
        district_name
    from {{ ref('districts') }}
    where source_name = '{{ var('source_name') }}'
),

mapped as (
    select
        street_code,
        street_name,
        street_type,
        district_code,
        true as is_mapped
    from {{ ref('streets') }}
    where source_name = '{{ var('source_name') }}'
),

street_changes as (
    select * from {{ ref('street_changes') }}
    where source_name = '{{ var('source_name') }}' and former_code <> street_code
),

-- Streets that were merged or recoded stay members: appeals name them by the old code.
former as (
    select
        street_changes.former_code as street_code,
        street_changes.former_name as street_name,
        mapped.street_type,
        mapped.district_code,
        true as is_mapped
    from street_changes
    inner join mapped on street_changes.street_code = mapped.street_code
),

listed as (
    select * from mapped
    union all
    select * from former
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

-- A street only the data know lies in the district its contacts name most often.
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
        ) as choice
    from named_districts
),

inferred as (
    select
        street_code,
        street_code as street_name,
        '{{ var('unknown_code') }}' as street_type,
        district_code,
        false as is_mapped
    from numbered
    where choice = 1 and street_code <> '{{ var('unknown_code') }}'
),

missing as (
    select
        '{{ var('unknown_code') }}' as street_code,
        '{{ var('unknown_code') }}' as street_name,
        '{{ var('unknown_code') }}' as street_type,
        '{{ var('unknown_code') }}' as district_code,
        false as is_mapped
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
        coalesce(street_changes.street_code, members.street_code) as current_street_code,
        street_changes.street_code is null as is_current
    from members
    left join districts on members.district_code = districts.district_code
    left join street_changes on members.street_code = street_changes.former_code
)

select * from named
