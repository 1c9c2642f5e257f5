{%- set order_types = ['appeal', 'consultation', 'praise', 'other'] -%}

with intake as (select * from {{ ref('daily_intake') }}),

period_days as (select * from {{ ref('core_period_days') }}),

units as (select * from {{ ref('monthly_units') }}),

periods as (select * from {{ ref('core_periods') }}),

received as (
    select
        period_days.period,
        cast(sum(intake.contacts) as bigint) as contacts,
    {%- for order_type in order_types %}
        cast(sum(
            case when intake.order_type = '{{ order_type }}' then intake.contacts else 0 end
            ) as bigint) as {{ order_type }}_contacts{{ ',' if not loop.last }}
    {%- endfor %}
    from intake
    inner join period_days on intake.received_on = period_days.on_date
    group by period_days.period
),

-- Pooled counts: a rate of the city is never a mean of its units' rates.
pooled as (
    select
        period,
        cast(sum(handled_volume) as bigint) as handled_volume,
        {{ pooled_followups() }}
    from units
    group by period
),

joined as (
    select
        periods.period,
        coalesce(received.contacts, 0) as contacts,
        coalesce(received.appeal_contacts, 0) as appeals,
        coalesce(received.consultation_contacts, 0) as consultations,
        coalesce(received.praise_contacts, 0) as praise,
        coalesce(received.other_contacts, 0) as other,
        coalesce(pooled.handled_volume, 0) as handled_volume,
        {%- for column in followup_columns() %}
            coalesce(pooled.{{ column }}, 0) as {{ column }},
        {%- endfor %}
        periods.is_provisional
    from periods
    left join received on periods.period = received.period
    left join pooled on periods.period = pooled.period
    where received.period is not null or pooled.period is not null
),

rated as (
    select
        period,
        contacts,
        appeals,
        consultations,
        praise,
        other,
        {{ rate('appeals', 'contacts') }} as appeal_share,
        handled_volume,
        {%- for column in followup_columns() %}
            {{ column }},
        {%- endfor %}
        {{ followup_rates() }},
        is_provisional
    from joined
)

select * from rated
