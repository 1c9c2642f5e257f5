{{ config(materialized='incremental', incremental_strategy='append') }}

{%- set feeds = {
    'contacts': ['contact_id', 'received_at', 'received_on', 'caller_key'],
    'dispatches': ['dispatch_id', 'dispatched_at', 'dispatched_on', 'null'],
    'ratings': ['rating_id', 'followed_up_at', 'followed_up_on', 'null'],
} %}

-- Rows that are staged again: those in an extract that has changed, and those that were staged
-- from one; a rating also rests on the first extract that delivered it. A key has a row for every
-- day on which it took place, and for every caller of a contact, before and now. Like all lists of
-- what was before, this one is kept until a whole build has succeeded: what a run that was cut
-- short has found is computed by the next one.
{% if is_incremental() -%}
    with changed as (
        select * from {{ source('ops', 'changed_partitions') }}
    ),

    keys as (
        {%- for feed, (key, at, day, caller) in feeds.items() %}
            select
                '{{ feed }}' as feed,
                {{ key }} as key
            from {{ source('raw', 'changed_' ~ feed) }}
            {%- for extract in ['extract_date'] + ['first_extract_date'] * (feed == 'ratings') %}
                union
                select
                    '{{ feed }}' as feed,
                    {{ key }} as key
                from {{ source('last_build_staging', 'stg_' ~ feed) }}
                where
                    {{ extract }} in (
                        select changed.extract_date from changed
                        where changed.feed = '{{ feed }}'
                    )
            {%- endfor %}
            {%- if not loop.last %}
                union
            {%- endif %}
        {%- endfor %}
    ),

    dated as (
        {%- for feed, (key, at, day, caller) in feeds.items() %}
            select
                '{{ feed }}' as feed,
                {{ key }} as key,
                {{ day_of(at) }} as on_date,
                {{ caller }} as caller_key
            from {{ source('raw', feed) }}
            where
                {{ key }} in (
                    select keys.key from keys
                    where keys.feed = '{{ feed }}'
                )
            union
            select
                '{{ feed }}' as feed,
                {{ key }} as key,
                {{ day }} as on_date,
                {{ caller }} as caller_key
            from {{ source('last_build_staging', 'stg_' ~ feed) }}
            where
                {{ key }} in (
                    select keys.key from keys
                    where keys.feed = '{{ feed }}'
                )
            {%- if not loop.last %}
                union
            {%- endif %}
        {%- endfor %}
    ),

    affected as (
        select feed, key, on_date, caller_key from dated
        except
        select feed, key, on_date, caller_key from {{ this }}
    )
{%- else -%}
    with affected as (
    {{ nothing_affected({
        'feed': 'varchar', 'key': 'varchar', 'on_date': 'date', 'caller_key': 'varchar',
    }) }}
    )
{%- endif %}

select * from affected
