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
    meta={
        'affected_by': 'key',
        'affected_column': 'contact_id',
        'affected_day': 'received_on',
        'feed': 'contacts',
    }
) }}

with candidates {{ as_candidates() }} (
    {{ candidate_versions('contacts', 'contact_id', columns, 'received_on') }}
),

newest as (
    {{ newest_versions('contact_id') }}
),

described as (
    select
        {{ columns | join(',\n        ') }},
        {{ day_of('received_at') }} as received_on,
        extract_date,
        source_file,
        source_line
    from newest
)

select * from described
