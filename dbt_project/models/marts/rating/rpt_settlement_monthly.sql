-- The rates of a unit as they were when the period ended, as they are today, and the difference.
with units as (select * from {{ ref('monthly_units') }}),

periods as (select * from {{ ref('core_periods') }}),

rated as (
    select
        units.*,
        {{ followup_rates('units.', '_at_close') }},
        periods.is_provisional
    from units
    inner join periods on units.period = periods.period
    where units.followups > 0
),

compared as (
    select
        period,
        unit_code,
        valid_at_close, responded_at_close, valid_full_at_close, resolved_at_close,
        satisfied_at_close, basically_satisfied_at_close, satisfaction_points_at_close,
        valid_followups, responded, valid_full, resolved,
        satisfied, basically_satisfied, satisfaction_points,
        late_followups, late_exclusions,
        {%- for rate in ['response_rate', 'resolution_rate', 'satisfaction_rate'] %}
            {{ rate }}_at_close,
            {{ rate }},
            {{ rate }} - {{ rate }}_at_close as {{ rate }}_change,
        {%- endfor %}
        is_provisional
    from rated
)

select * from compared
