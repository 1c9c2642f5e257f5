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
    meta={
        'affected_by': 'key',
        'affected_column': 'dispatch_id',
        'affected_day': 'dispatched_on',
        'feed': 'dispatches',
    }
) }}

with candidates {{ as_candidates() }} (
    {{ candidate_versions('dispatches', 'dispatch_id', columns, 'dispatched_on') }}
),

newest as (
    {{ newest_versions('dispatch_id') }}
),

described as (
    select
        {{ columns | join(',\n        ') }},
        {{ day_of('dispatched_at') }} as dispatched_on,
        extract_date,
        source_file,
        source_line
    from newest
)

select * from described
