-- What is it: units with two versions that are valid on the same day.
-- When does it matter: always; a hand-over would be counted for both.
-- How to resolve: correct `valid_from` and `valid_to` in the units seed (the end is the first
-- day on which the version no longer holds), or take a street out of the units seed.
with versions as (
    select
        unit_code,
        valid_to,
        lead(valid_from) over (partition by unit_code order by valid_from) as next_valid_from
    from {{ ref('dim_units') }}
),

overlapping as (
    select unit_code
    from versions
    where next_valid_from < valid_to or (next_valid_from is not null and valid_to is null)
)

select * from overlapping
