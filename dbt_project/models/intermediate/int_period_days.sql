-- One row per day of every statistical period: the way from a day to its period.
with periods as (
    select
        period,
        starts_on,
        ends_before
    from {{ ref('int_periods') }}
),

-- A period spans parts of two months, so 62 days at most.
numbers as (
    {{ dbt.generate_series(62) }}
),

days as (
    select
        periods.period,
        cast({{ dbt.dateadd('day', 'numbers.generated_number - 1', 'periods.starts_on') }} as date)
            as on_date
    from periods
    inner join numbers
        on
            numbers.generated_number
            <= {{ dbt.datediff('periods.starts_on', 'periods.ends_before', 'day') }}
)

select * from days
