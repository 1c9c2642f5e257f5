{%- set groups = {
    'unit_type': 'rating_counts.unit_type',
    'district': 'rating_counts.district_code',
    'level_1': 'problems.level_1_code',
    'level_2': 'problems.level_2_code',
    'problem': 'rating_counts.problem_code',
} -%}

with rating_counts as (select * from {{ ref('monthly_ratings') }}),

periods as (select period from {{ ref('core_periods') }}),

problems as (select * from {{ ref('core_problems') }}),

grouped as (
    {%- for group_kind, group_code in groups.items() %}
        select
            rating_counts.period,
            '{{ group_kind }}' as group_kind,
            {{ group_code }} as group_code,
            {{ pooled_followups() }}
        from rating_counts
        inner join periods on rating_counts.period = periods.period
        inner join problems on rating_counts.problem_code = problems.problem_code
        group by rating_counts.period, {{ group_code }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

rated as (
    select
        *,
        {{ followup_rates() }}
    from grouped
)

select * from rated
