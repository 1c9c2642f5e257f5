-- The city's rates of the two newest periods with enough follow-ups, compared with the period before.
create or replace temp table gate_rates as
with

judged as (
    select period, response_rate, resolution_rate, satisfaction_rate
    from marts.rpt_city_performance_monthly
    where valid_followups >= {min_rows}
),

rates as (
    select 'response_rate' as rate_name, period, response_rate as rate from judged
    union all
    select 'resolution_rate', period, resolution_rate from judged
    union all
    select 'satisfaction_rate', period, satisfaction_rate from judged
),

changes as (
    select
        rate_name,
        period,
        rate - lag(rate) over (partition by rate_name order by period) as change,
        row_number() over (partition by rate_name order by period desc) as age
    from rates
)

select rate_name, period, change
from changes
where age <= 2;
