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
    meta={
        'affected_by': 'key',
        'affected_column': 'rating_id',
        'affected_day': 'followed_up_on',
        'feed': 'ratings',
    }
) }}

with candidates {{ as_candidates() }} (
    {{ candidate_versions(
        'ratings', 'rating_id', columns, 'followed_up_on', ['extract_date', 'first_extract_date']
    ) }}
),

first_days as (
    select
        rating_id,
        min(first_extract_date) as first_day
    from candidates
    group by rating_id
    having count(*) > 1
),

newest as (
    {{ newest_versions('rating_id') }}
),

described as (
    select
        newest.{{ columns | join(',\n        newest.') }},
        {{ day_of('newest.followed_up_at') }} as followed_up_on,
        newest.extract_date,
        coalesce(first_days.first_day, newest.first_extract_date) as first_extract_date,
        newest.source_file,
        newest.source_line
    from newest
    left join first_days on newest.rating_id = first_days.rating_id
)

select * from described
