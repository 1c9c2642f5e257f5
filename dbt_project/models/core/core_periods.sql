-- Statistical periods in which contacts were received, or that are between such periods, with the
-- policy numbers in force on their first day. A wrong date of a dispatch or a follow-up makes no
-- period.
with received as (
    select
        cast(min(received_at) as date) as first_on,
        cast(max(received_at) as date) as last_on
    from {{ ref('stg_contacts') }}
),

run as (
    select
        as_of,
        raw_fingerprint,
        -- as_of is the end of the newest extract day, so the second before it is in that day.
        cast({{ dbt.dateadd('second', -1, 'as_of') }} as date) as data_through
    from {{ ref('stg_run') }}
),

policies as (
    select * from {{ ref('core_policies') }}
    where subject = '*'
),

periods as (
    select distinct
        period_days.period,
        period_days.previous_period,
        period_days.starts_on,
        period_days.ends_before,
        period_days.start_day
    from {{ ref('core_period_days') }} as period_days
    inner join received
        on
            period_days.starts_on <= received.last_on
            and period_days.ends_before > received.first_on
),

effective_numbers as (
    select
        periods.period,
        {%- for code in [
            'basically_satisfied_weight', 'settling_days', 'score_volume_weight',
            'score_volume_weight_low', 'score_volume_weight_high', 'score_volume_weight_step',
            'persistence_top_n', 'persistence_periods', 'profile_periods',
        ] %}
        max(case when policies.policy_code = '{{ code }}' then policies.value end)
            as {{ code }}{{ ',' if not loop.last }}
    {%- endfor %}
    from periods
    inner join policies
        on
            periods.starts_on >= policies.effective_from
            and periods.starts_on < policies.effective_to
    group by periods.period
),

described as (
    select
        periods.*,
        cast({{ dbt.dateadd('day', '-1', 'periods.ends_before') }} as date) as last_on,
        {{ dbt.datediff('periods.starts_on', 'periods.ends_before', 'day') }} as days,
        row_number() over (order by periods.starts_on) as period_no,
        lag(periods.starts_on) over (order by periods.starts_on) as previous_starts_on,
        coalesce(cast(periods.ends_before as timestamp) <= run.as_of, false) as is_complete,
        coalesce(run.as_of < {{ dbt.dateadd(
            'day',
            'cast(effective_numbers.settling_days as integer)',
            'cast(periods.ends_before as timestamp)'
        ) }}, true) as is_provisional,
        run.data_through,
        run.raw_fingerprint,
        effective_numbers.basically_satisfied_weight,
        effective_numbers.score_volume_weight,
        effective_numbers.score_volume_weight_low,
        effective_numbers.score_volume_weight_high,
        effective_numbers.score_volume_weight_step,
        effective_numbers.persistence_top_n,
        effective_numbers.persistence_periods,
        effective_numbers.profile_periods
    from periods
    inner join effective_numbers on periods.period = effective_numbers.period
    cross join run
),

elapsed as (
    select
        *,
        case
            when data_through < starts_on then 0
            when data_through >= ends_before then days
            else {{ dbt.datediff('starts_on', 'data_through', 'day') }} + 1
        end as elapsed_days
    from described
)

select * from elapsed
