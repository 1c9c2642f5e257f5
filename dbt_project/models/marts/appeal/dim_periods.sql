with periods as (
    select * from {{ ref('int_periods') }}
    where is_in_data
),

policies as (
    select
        period,
        cast(value as integer) as settling_days
    from {{ ref('int_period_policies') }}
    where parameter_code = 'settling_days'
),

run as (
    select as_of from {{ ref('stg_run') }}
),

described as (
    select
        periods.period,
        periods.starts_on,
        periods.ends_before,
        cast({{ dbt.dateadd('day', '-1', 'periods.ends_before') }} as date) as last_on,
        {{ dbt.datediff('periods.starts_on', 'periods.ends_before', 'day') }} as days,
        periods.start_day,
        periods.previous_period,
        coalesce(cast(periods.ends_before as timestamp) <= run.as_of, false) as is_complete,
        coalesce(
            run.as_of < {{ dbt.dateadd(
                'day', 'policies.settling_days', 'cast(periods.ends_before as timestamp)'
            ) }},
            true
        ) as is_provisional
    from periods
    left join policies on periods.period = policies.period
    cross join run
)

select * from described
