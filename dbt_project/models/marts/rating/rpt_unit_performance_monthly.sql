with rates as (
    select * from {{ ref('monthly_units') }}
),

periods as (select * from {{ ref('core_periods') }}),

-- A unit that has changed its type had no rank among its present peers.
compared as (
    select
        rates.period,
        rates.unit_code,
        rates.unit_type,
        rates.handled_volume,
        {%- for column in followup_columns() %}
            rates.{{ column }},
        {%- endfor %}
        rates.response_rate,
        rates.resolution_rate,
        rates.satisfaction_rate,
        rates.composite,
        rates.rank,
        previous.rank as previous_rank,
        previous.rank - rates.rank as rank_change,
        periods.is_provisional
    from rates
    inner join periods on rates.period = periods.period
    left join rates as previous
        on
            periods.previous_period = previous.period
            and rates.unit_code = previous.unit_code
            and rates.unit_type = previous.unit_type
)

select * from compared
