with counts as (
    select * from {{ ref('int_settlement_counts_monthly') }}
),

performance as (
    select * from {{ ref('rpt_unit_performance_monthly') }}
),

policies as (
    select
        period,
        value as basically_satisfied_weight
    from {{ ref('int_period_policies') }}
    where parameter_code = 'basically_satisfied_weight'
),

rated as (
    select
        counts.*,
        performance.valid_followups,
        performance.responded,
        performance.valid_full,
        performance.resolved,
        performance.satisfied,
        performance.basically_satisfied,
        {{ rate('counts.responded_at_close', 'counts.valid_at_close') }}
            as response_rate_at_close,
        {{ rate('counts.resolved_at_close', 'counts.valid_full_at_close') }}
            as resolution_rate_at_close,
        {{ satisfaction_rate(
            'counts.satisfied_at_close',
            'counts.basically_satisfied_at_close',
            'policies.basically_satisfied_weight',
            'counts.valid_full_at_close'
        ) }} as satisfaction_rate_at_close,
        performance.response_rate,
        performance.resolution_rate,
        performance.satisfaction_rate,
        performance.is_provisional
    from counts
    inner join performance
        on counts.period = performance.period and counts.unit_code = performance.unit_code
    left join policies on counts.period = policies.period
),

compared as (
    select
        period,
        unit_code,
        valid_at_close,
        responded_at_close,
        valid_full_at_close,
        resolved_at_close,
        satisfied_at_close,
        basically_satisfied_at_close,
        valid_followups,
        responded,
        valid_full,
        resolved,
        satisfied,
        basically_satisfied,
        late_followups,
        late_exclusions,
        response_rate_at_close,
        response_rate,
        response_rate - response_rate_at_close as response_rate_change,
        resolution_rate_at_close,
        resolution_rate,
        resolution_rate - resolution_rate_at_close as resolution_rate_change,
        satisfaction_rate_at_close,
        satisfaction_rate,
        satisfaction_rate - satisfaction_rate_at_close as satisfaction_rate_change,
        is_provisional
    from rated
)

select * from compared
