with intake as (
    select
        received_on,
        order_type,
        contacts
    from {{ ref('rpt_intake_daily') }}
),

period_days as (
    select * from {{ ref('int_period_days') }}
),

units as (
    select * from {{ ref('rpt_unit_performance_monthly') }}
),

periods as (
    select
        period,
        is_provisional
    from {{ ref('dim_periods') }}
),

policies as (
    select
        period,
        value as basically_satisfied_weight
    from {{ ref('int_period_policies') }}
    where parameter_code = 'basically_satisfied_weight'
),

received as (
    select
        period_days.period,
        cast(sum(intake.contacts) as bigint) as contacts,
        cast(
            sum(case when intake.order_type = 'appeal' then intake.contacts else 0 end) as bigint
        ) as appeals
    from intake
    inner join period_days on intake.received_on = period_days.on_date
    group by period_days.period
),

-- Pooled counts: a rate of the city is never a mean of its units' rates.
pooled as (
    select
        period,
        cast(sum(handled_volume) as bigint) as handled_volume,
        cast(sum(followups) as bigint) as followups,
        cast(sum(valid_followups) as bigint) as valid_followups,
        cast(sum(responded) as bigint) as responded,
        cast(sum(valid_full) as bigint) as valid_full,
        cast(sum(resolved) as bigint) as resolved,
        cast(sum(satisfied) as bigint) as satisfied,
        cast(sum(basically_satisfied) as bigint) as basically_satisfied
    from units
    group by period
),

joined as (
    select
        periods.period,
        coalesce(received.contacts, 0) as contacts,
        coalesce(received.appeals, 0) as appeals,
        coalesce(pooled.handled_volume, 0) as handled_volume,
        coalesce(pooled.followups, 0) as followups,
        coalesce(pooled.valid_followups, 0) as valid_followups,
        coalesce(pooled.responded, 0) as responded,
        coalesce(pooled.valid_full, 0) as valid_full,
        coalesce(pooled.resolved, 0) as resolved,
        coalesce(pooled.satisfied, 0) as satisfied,
        coalesce(pooled.basically_satisfied, 0) as basically_satisfied,
        policies.basically_satisfied_weight,
        periods.is_provisional
    from periods
    left join received on periods.period = received.period
    left join pooled on periods.period = pooled.period
    left join policies on periods.period = policies.period
    where received.period is not null or pooled.period is not null
),

rated as (
    select
        period,
        contacts,
        appeals,
        handled_volume,
        followups,
        valid_followups,
        responded,
        valid_full,
        resolved,
        satisfied,
        basically_satisfied,
        {{ rate('responded', 'valid_followups') }} as response_rate,
        {{ rate('resolved', 'valid_full') }} as resolution_rate,
        {{ satisfaction_rate(
            'satisfied', 'basically_satisfied', 'basically_satisfied_weight', 'valid_full'
        ) }} as satisfaction_rate,
        is_provisional
    from joined
)

select * from rated
