-- Value of every policy parameter on any day: the row in force, the source's own before the row
-- for all sources. Each row holds from its date until another one is chosen, and the first one
-- before its date as well.
with parameters as (
    select
        parameter_code,
        source_name,
        effective_from,
        value
    from {{ ref('policy_parameters') }}
    where {{ applies_to_source('source_name') }}
),

starts as (
    select distinct
        parameter_code,
        effective_from
    from parameters
),

choices as (
    select
        starts.parameter_code,
        starts.effective_from,
        parameters.value,
        row_number() over (
            partition by starts.parameter_code, starts.effective_from
            order by
                case when parameters.source_name = '*' then 1 else 0 end,
                parameters.effective_from desc
        ) as choice
    from starts
    inner join parameters
        on
            starts.parameter_code = parameters.parameter_code
            and parameters.effective_from <= starts.effective_from
),

dated as (
    select
        parameter_code,
        case
            when
                row_number() over (partition by parameter_code order by effective_from) = 1
                then cast('0001-01-01' as date)
            else effective_from
        end as in_force_from,
        coalesce(
            lead(effective_from) over (partition by parameter_code order by effective_from),
            cast('9999-12-31' as date)
        ) as in_force_before,
        value
    from choices
    where choice = 1
)

select * from dated
