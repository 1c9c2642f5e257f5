{%- set groups = {
    'unit_type': 'rating_counts.unit_type',
    'district': 'rating_counts.district_code',
    'level_1': 'problems.level_1_code',
    'level_2': 'problems.level_2_code',
    'problem': 'rating_counts.problem_code',
} -%}

{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_affected('period', ref('int_affected_periods')) }}"
) }}

with rating_counts as (
    select * from {{ ref('int_rating_counts_monthly') }}
    {{ only_affected('period', ref('int_affected_periods')) }}
),

problems as (
    select
        problem_code,
        level_1_code,
        level_2_code
    from {{ ref('dim_problems') }}
),

policies as (
    select
        period,
        value as basically_satisfied_weight
    from {{ ref('int_period_policies') }}
    where parameter_code = 'basically_satisfied_weight'
),

grouped as (
    {%- for group_kind, group_code in groups.items() %}
        select
            rating_counts.period,
            '{{ group_kind }}' as group_kind,
            {{ group_code }} as group_code,
            {{ pooled_followups() }}
        from rating_counts
        inner join problems on rating_counts.problem_code = problems.problem_code
        group by rating_counts.period, {{ group_code }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

rated as (
    select
        grouped.period,
        grouped.group_kind,
        grouped.group_code,
        {%- for column in followup_columns() %}
            grouped.{{ column }},
        {%- endfor %}
        {{ rate('grouped.responded', 'grouped.valid_followups') }} as response_rate,
        {{ rate('grouped.resolved', 'grouped.valid_full') }} as resolution_rate,
        {{ satisfaction_rate(
            'grouped.satisfied',
            'grouped.basically_satisfied',
            'policies.basically_satisfied_weight',
            'grouped.valid_full'
        ) }} as satisfaction_rate
    from grouped
    left join policies on grouped.period = policies.period
)

select * from rated
