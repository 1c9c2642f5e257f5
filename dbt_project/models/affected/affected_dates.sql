{{ config(materialized='incremental', incremental_strategy='append') }}

-- Days whose figures are computed again: those that the rows of the affected contacts had before
-- and have now, and the last days of the data, before and now, because what is compared with the
-- same elapsed days of an earlier period changes when a day passes.
-- depends_on: {{ ref('affected_keys') }}, {{ ref('affected_contacts') }}
-- depends_on: {{ ref('stg_contacts') }}, {{ ref('stg_dispatches') }}
{% if is_incremental() -%}
    with affected_contacts as (
        select * from {{ ref('affected_contacts') }}
    ),

    ends as (
        select as_of from {{ source('ops', 'run') }}
        union all
        select as_of from {{ source('ops', 'built') }}
    ),

    -- What is staged and not affected by its own key is as it was computed before.
    dispatches as (
        select
            dispatched_on as began_on,
            cast(closed_at as date) as ended_on
        from {{ source('last_build_core', 'core_dispatches') }}
        {{ of_affected_contacts() }}
        union
        select
            dispatched_on as began_on,
            cast(closed_at as date) as ended_on
        from {{ ref('stg_dispatches') }}
        where {{ is_affected('key', 'dispatch_id', 'dispatches', 'dispatched_on') }}
    ),

    days as (
        select on_date from {{ ref('affected_keys') }}
        union
        select received_on as on_date from {{ ref('stg_contacts') }}
        {{ of_affected_contacts() }}
        union
        select began_on as on_date from dispatches
        union
        select ended_on as on_date from dispatches
        union
        select followed_up_on as on_date from {{ source('last_build_core', 'core_ratings') }}
        {{ of_affected_contacts() }}
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
