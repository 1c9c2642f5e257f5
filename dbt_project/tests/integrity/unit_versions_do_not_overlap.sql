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
