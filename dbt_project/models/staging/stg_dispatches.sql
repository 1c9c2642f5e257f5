{%- set columns = [
    'dispatch_id',
    'contact_id',
    'sequence_no',
    'unit_code',
    'role',
    'route',
    'status',
    'return_reason',
    'is_hard_case',
    'dispatched_at',
    'accepted_at',
    'due_at',
    'closed_at',
    'updated_at',
] -%}

{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'key', 'affected_column': 'dispatch_id', 'feed': 'dispatches'}
) }}

with candidates as (
    {{ candidate_versions('dispatches', 'dispatch_id', columns) }}
),

versions as (
    select
        *,
        {{ version_number(['dispatch_id'], 'updated_at') }} as version_number
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
