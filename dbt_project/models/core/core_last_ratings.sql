{%- set of_contact -%}
partition by contact_id
            order by followed_up_at desc nulls last, rating_id desc
{%- endset -%}

{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'contact_id'}
) }}

-- The first follow-up of a contact by its time, and the last one: the newest, then by id.
with ratings as (
    select
        rating_id,
        contact_id,
        is_resolved,
        satisfaction,
        followed_up_at,
        followed_up_on
    from {{ ref('stg_ratings') }}
    {{ only_affected('contact_id') }}
),

numbered as (
    select
        *,
        min(followed_up_at) over (
            {{ of_contact }}
            rows between unbounded preceding and unbounded following
        ) as first_followed_up_at,
        row_number() over (
            {{ of_contact }}
        ) as number_from_last
    from ratings
),

last_ratings as (
    select
        contact_id,
        first_followed_up_at,
        rating_id as last_rating_id,
        followed_up_at as last_followed_up_at,
        followed_up_on as last_followed_up_on,
        is_resolved,
        satisfaction
    from numbered
    where number_from_last = 1 and contact_id is not null
)

select * from last_ratings
order by last_followed_up_on
