with city as (
    select * from {{ ref('rpt_city_performance_monthly') }}
    {{ only_checked('period') }}
),

ratings as (
    select
        period,
        {{ followup_counts() }}
    from {{ ref('fct_ratings') }}
    {{ only_checked('period') }}
    group by period
),

dispatches as (
    select
        period,
        count(*) as handled_volume
    from {{ ref('fct_dispatches') }}
    {{ only_checked('period') }}
    group by period
),

differences as (
    select city.period
    from city
    left join ratings on city.period = ratings.period
    left join dispatches on city.period = dispatches.period
    where
        city.handled_volume <> coalesce(dispatches.handled_volume, 0)
        {%- for column in followup_columns() %}
            or city.{{ column }} <> coalesce(ratings.{{ column }}, 0)
        {%- endfor %}
)

select * from differences
