with periods as (
    select period
    from {{ ref('int_periods') }}
    where is_in_data
),

policies as (
    select * from {{ ref('int_period_policies') }}
    where period in (select periods.period from periods)
),

pivoted as (
    select
        period,
        max(case when parameter_code = 'score_volume_weight' then value end) as weight,
        max(case when parameter_code = 'score_volume_weight_low' then value end) as weight_low,
        max(case when parameter_code = 'score_volume_weight_high' then value end) as weight_high,
        max(case when parameter_code = 'score_volume_weight_step' then value end) as weight_step,
        max(case when parameter_code = 'persistence_top_n' then value end) as top_n,
        max(case when parameter_code = 'persistence_periods' then value end) as persistence_periods,
        max(case when parameter_code = 'basically_satisfied_weight' then value end)
            as basically_satisfied_weight
    from policies
    group by period
)

select * from pivoted
