with required as (
    select 'period_start_day' as parameter_code
    union all
    select 'basically_satisfied_weight' as parameter_code
    union all
    select 'settling_days' as parameter_code
    union all
    select 'score_volume_weight' as parameter_code
    union all
    select 'score_volume_weight_low' as parameter_code
    union all
    select 'score_volume_weight_high' as parameter_code
    union all
    select 'score_volume_weight_step' as parameter_code
    union all
    select 'persistence_top_n' as parameter_code
    union all
    select 'persistence_periods' as parameter_code
    union all
    select 'work_starts_hour' as parameter_code
    union all
    select 'work_ends_hour' as parameter_code
    union all
    select 'last_working_weekday' as parameter_code
    union all
    select 'recurrence_days' as parameter_code
    union all
    select 'profile_periods' as parameter_code
),

parameters as (
    select parameter_code
    from {{ ref('policy_parameters') }}
    where {{ applies_to_source('source_name') }}
),

missing as (
    select required.parameter_code
    from required
    where required.parameter_code not in (select parameters.parameter_code from parameters)
)

select * from missing
