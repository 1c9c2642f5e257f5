-- Value of every policy parameter for a period: the row in force on the period's first day,
-- the source's own before the row for all sources. Before the first dated row its value
-- holds as well.
with periods as (
    select
        period,
        starts_on
    from {{ ref('int_periods') }}
),

parameters as (
    select
        parameter_code,
        source_name,
        effective_from,
        value
    from {{ ref('policy_parameters') }}
    where {{ applies_to_source('source_name') }}
),

choices as (
    select
        periods.period,
        parameters.parameter_code,
        parameters.value,
        row_number() over (
            partition by periods.period, parameters.parameter_code
            order by
                case when parameters.effective_from <= periods.starts_on then 0 else 1 end,
                case when parameters.source_name = '*' then 1 else 0 end,
                case
                    when parameters.effective_from <= periods.starts_on
                        then parameters.effective_from
                end desc,
                parameters.effective_from
        ) as choice
    from periods
    cross join parameters
),

chosen as (
    select
        period,
        parameter_code,
        value
    from choices
    where choice = 1
)

select * from chosen
