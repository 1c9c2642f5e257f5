{{ config(severity='warn') }}

with members as (
    select * from {{ ref('dim_places') }}
),

unmapped as (
    select street_code
    from members
    where
        not is_mapped
        and street_code <> '{{ var('unknown_code') }}'
        and exists (
            select 1
            from members as listed
            where listed.is_mapped
        )
)

select * from unmapped
