{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'period'}
) }}

-- Follow-ups by all that rates are distinguished by, as they are today and as they were when the
-- period ended. Whatever is coarser is added up from here.
with ratings as (
    select
        *,
        is_valid_at_close and assessment_scope = 'full' as is_full_at_close
    from {{ ref('core_ratings') }}
    {{ only_affected('period') }}
),

counted as (
    select
        period,
        unit_code,
        unit_type,
        district_code,
        problem_code,
        {{ followup_counts() }},
        {{ settlement_counts() }}
    from ratings
    group by period, unit_code, unit_type, district_code, problem_code
)

select * from counted
