{%- set columns = [
    'rating_id',
    'dispatch_id',
    'contact_id',
    'is_reached',
    'is_responded',
    'is_resolved',
    'is_part_resolved',
    'satisfaction',
    'assessment_scope',
    'exclusion',
    'followed_up_at',
    'updated_at',
] -%}

{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'key', 'affected_column': 'rating_id', 'feed': 'ratings'}
) }}

with candidates as (
    {{ candidate_versions(
        'ratings', 'rating_id', columns, ['extract_date', 'first_extract_date']
    ) }}
),

versions as (
    select
        *,
        min(first_extract_date) over (partition by rating_id) as first_day,
        {{ version_number(['rating_id'], 'updated_at') }} as version_number
    from candidates
),

newest as (
    select
        {{ columns | join(',\n        ') }},
        extract_date,
        first_day as first_extract_date,
        source_file,
        source_line
    from versions
    where version_number = 1
)

select * from newest
