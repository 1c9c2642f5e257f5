with populations as (
    select
        source_name,
        place_code
    from {{ ref('populations') }}
),

places as (
    select
        source_name,
        district_code as place_code
    from {{ ref('districts') }}
    union all
    select
        source_name,
        street_code as place_code
    from {{ ref('streets') }}
),

unlisted as (
    select
        populations.source_name,
        populations.place_code
    from populations
    left join places
        on
            populations.source_name = places.source_name
            and populations.place_code = places.place_code
    where places.place_code is null
)

select * from unlisted
