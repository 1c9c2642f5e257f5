{%- set columns = [
    'contact_id',
    'order_type',
    'channel_code',
    'caller_key',
    'problem_code',
    'district_code',
    'street_code',
    'community',
    'point',
    'title',
    'exclusion',
    'received_at',
    'updated_at',
] -%}

{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'key', 'affected_column': 'contact_id', 'feed': 'contacts'}
) }}

with candidates as (
    {{ candidate_versions('contacts', 'contact_id', columns) }}
),

versions as (
    select
        *,
        {{ version_number(['contact_id'], 'updated_at') }} as version_number
    from candidates
),

newest as (
    select
        {{ columns | join(',\n        ') }},
        extract_date,
        source_file,
        source_line
    from versions
    where version_number = 1
)

select * from newest
