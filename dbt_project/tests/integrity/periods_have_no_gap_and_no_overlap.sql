-- What is it: statistical periods that do not start where the one before ends.
-- When does it matter: always; a day would be counted twice or not at all.
-- How to resolve: look at the rows of `period_start_day` in `policy_parameters`.
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
