{{ config(severity='warn') }}

-- What is it: units in the data that the code list does not hold.
-- When does it matter: when there are more than a few, or they stand for many contacts; they
-- are counted under their code, without a name.
-- How to resolve: add the code to the seed `units` with its provenance, or have it corrected in
-- the next extract. A source without any code list is not told.
with members as (
    select * from {{ ref('dim_units') }}
),

unmapped as (
    select unit_code
    from members
    where
        not is_mapped
        and unit_code <> '{{ var('unknown_code') }}'
        and exists (
            select 1
            from members as listed
            where listed.is_mapped
        )
)

select * from unmapped
