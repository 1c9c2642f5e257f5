with periods as (
    select
        period,
        starts_on,
        lag(ends_before) over (order by starts_on) as previous_ends_before
    from {{ ref('dim_periods') }}
),

broken as (
    select period
    from periods
    where starts_on <> previous_ends_before
)

select * from broken
