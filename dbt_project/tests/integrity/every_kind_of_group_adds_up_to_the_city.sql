with city as (
    select * from {{ ref('rpt_city_performance_monthly') }}
),

kinds as (
    select distinct group_kind from {{ ref('rpt_group_performance_monthly') }}
),

groups as (
    select
        period,
        group_kind,
        {{ pooled_followups() }}
    from {{ ref('rpt_group_performance_monthly') }}
    group by period, group_kind
),

differences as (
    select
        city.period,
        kinds.group_kind
    from city
    cross join kinds
    left join groups on city.period = groups.period and kinds.group_kind = groups.group_kind
    where
        {%- for column in followup_columns() %}
            {{ 'or ' if not loop.first }}city.{{ column }} <> coalesce(groups.{{ column }}, 0)
        {%- endfor %}
)

select * from differences
