with versions as (
    select * from {{ ref('int_unit_versions') }}
),

run as (
    select cast(as_of as date) as as_of_date from {{ ref('stg_run') }}
),

described as (
    select
        versions.unit_code,
        versions.valid_from,
        versions.unit_name,
        versions.unit_type,
        versions.district_code,
        versions.valid_to,
        coalesce(versions.valid_to is null or versions.valid_to >= run.as_of_date, true)
            as is_current,
        versions.is_mapped
    from versions
    cross join run
)

select * from described
