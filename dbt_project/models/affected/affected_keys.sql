{{ config(materialized='incremental', incremental_strategy='append') }}

{%- set feeds = {'contacts': 'contact_id', 'dispatches': 'dispatch_id', 'ratings': 'rating_id'} %}

-- Rows that are staged again: those in an extract that has changed, and those that were staged
-- from one; a rating also rests on the first extract that delivered it. A contact has a row for
-- every day on which it was received, before and now. Like all lists of what was before, this one
-- is kept until a whole build has succeeded: what a run that was cut short has found is computed
-- by the next one.
{% if is_incremental() -%}
    with changed as (
        select * from {{ source('ops', 'changed_partitions') }}
    ),

    keys as (
        {%- for feed, key in feeds.items() %}
            select
                '{{ feed }}' as feed,
                {{ key }} as key
            from {{ source('raw', 'changed_' ~ feed) }}
            union
            select
                '{{ feed }}' as feed,
                {{ key }} as key
            from {{ source('last_build_staging', 'stg_' ~ feed) }}
            where
                extract_date in (
                    select changed.extract_date from changed
                    where changed.feed = '{{ feed }}'
                )
                {%- if feed == 'ratings' %}
                    or first_extract_date
                    in (
                        select changed.extract_date from changed
                        where changed.feed = '{{ feed }}'
                    )
                {%- endif %}
        {%- if not loop.last %}
                union
            {%- endif %}
        {%- endfor %}
    ),

    received as (
        select
            contact_id,
            cast(received_at as date) as received_on
        from {{ source('raw', 'contacts') }}
        where
            contact_id in (
                select keys.key from keys
                where keys.feed = 'contacts'
            )
        union
        select
            contact_id,
            cast(received_at as date) as received_on
        from {{ source('last_build_staging', 'stg_contacts') }}
        where contact_id in (
            select keys.key from keys
            where keys.feed = 'contacts'
        )
    ),

    affected as (
        select
            keys.feed,
            keys.key,
            received.received_on
        from keys
        left join received on keys.feed = 'contacts' and keys.key = received.contact_id
        except
        select feed, key, received_on from {{ this }}
    )
{%- else -%}
    with affected as (
        {{ nothing_affected({'feed': 'varchar', 'key': 'varchar', 'received_on': 'date'}) }}
    )
{%- endif %}

select * from affected
