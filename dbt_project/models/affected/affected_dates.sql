{{ config(materialized='incremental', incremental_strategy='append') }}

-- Days whose figures are computed again: those that the rows of the affected contacts had before
-- and have now, and the last days of the data, before and now, because what is compared with the
-- same elapsed days of an earlier period changes when a day passes.
-- depends_on: {{ ref('affected_keys') }}, {{ ref('affected_contacts') }}
-- depends_on: {{ ref('stg_contacts') }}, {{ ref('stg_dispatches') }}, {{ ref('stg_ratings') }}
{% if is_incremental() -%}
    with affected_contacts as (
        select * from {{ ref('affected_contacts') }}
    ),

    ends as (
        select as_of from {{ source('ops', 'run') }}
        union all
        select as_of from {{ source('ops', 'built') }}
    ),

    days_before as (
        select received_on as on_date from {{ ref('affected_keys') }}
        union
        select dispatched_on as on_date from {{ source('last_build_core', 'core_dispatches') }}
        {{ of_affected_contacts() }}
        union
        select cast(closed_at as date) as on_date
        from {{ source('last_build_core', 'core_dispatches') }}
        {{ of_affected_contacts() }}
        union
        select followed_up_on as on_date from {{ source('last_build_core', 'core_ratings') }}
        {{ of_affected_contacts() }}
    ),

    days_now as (
        select cast(received_at as date) as on_date from {{ ref('stg_contacts') }}
        {{ of_affected_contacts() }}
        union
        select cast(dispatched_at as date) as on_date from {{ ref('stg_dispatches') }}
        {{ of_affected_contacts() }}
        union
        select cast(closed_at as date) as on_date from {{ ref('stg_dispatches') }}
        {{ of_affected_contacts() }}
        union
        select cast(followed_up_at as date) as on_date from {{ ref('stg_ratings') }}
        {{ of_affected_contacts() }}
    ),

    days as (
        select on_date from days_before
        union
        select on_date from days_now
        union
        select cast({{ dbt.dateadd('day', -1, 'as_of') }} as date) as on_date from ends
    ),

    affected as (
        select on_date from days
        where on_date is not null
        except
        select on_date from {{ this }}
    )
{%- else -%}
    with affected as (
        {{ nothing_affected({'on_date': 'date'}) }}
    )
{%- endif %}

select * from affected
