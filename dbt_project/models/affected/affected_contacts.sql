{{ config(materialized='incremental', incremental_strategy='append') }}

-- Contacts that are computed again: those that an affected row names or named, those with an open
-- dispatch whose due time the end of the data has passed since, forward or back, and those whose
-- unit or street has another meaning in the code lists now. Each condition is a select of its own:
-- an `or` of lists is looked up in every row.
-- depends_on: {{ ref('affected_keys') }}
{% if is_incremental() -%}
    with keys as (
        select * from {{ ref('affected_keys') }}
    ),

    run as (
        select * from {{ source('ops', 'run') }}
    ),

    changed_codes as (
        select * from {{ source('ops', 'changed_codes') }}
    ),

    delivered as (
        select contact_id from {{ source('raw', 'dispatches') }}
        where {{ is_affected('key', 'dispatch_id', 'dispatches') }}
        union
        select contact_id from {{ source('raw', 'ratings') }}
        where {{ is_affected('key', 'rating_id', 'ratings') }}
    ),

    -- A dispatch also affects the ratings that refer to it, whichever contact they name.
    computed_before as (
        select contact_id from {{ source('last_build_core', 'core_dispatches') }}
        where {{ is_affected('key', 'dispatch_id', 'dispatches', 'dispatched_on') }}
        union
        select contact_id from {{ source('last_build_core', 'core_ratings') }}
        where {{ is_affected('key', 'rating_id', 'ratings', 'followed_up_on') }}
        union
        select contact_id from {{ source('last_build_core', 'core_ratings') }}
        where {{ is_affected('key', 'dispatch_id', 'dispatches') }}
    ),

    recoded as (
        select contact_id from {{ source('last_build_core', 'core_dispatches') }}
        where
            unit_code in (
                select changed_codes.code from changed_codes
                where changed_codes.code_kind = 'unit'
            )
        union
        select contact_id from {{ source('last_build_staging', 'stg_contacts') }}
        where
            street_code in (
                select changed_codes.code from changed_codes
                where changed_codes.code_kind = 'street'
            )
    ),

    newly_overdue as (
        select dispatches.contact_id
        from {{ source('last_build_core', 'core_dispatches') }} as dispatches
        cross join run
        where
            dispatches.status = 'open'
            and dispatches.effective_due_at >= least(run.previous_as_of, run.as_of)
            and dispatches.effective_due_at < greatest(run.previous_as_of, run.as_of)
    ),

    affected as (
        select key as contact_id from keys
        where feed = 'contacts'
        union
        select contact_id from delivered
        union
        select contact_id from computed_before
        union
        select contact_id from recoded
        union
        select contact_id from newly_overdue
        except
        select contact_id from {{ this }}
    )
{%- else -%}
    with affected as (
        {{ nothing_affected({'contact_id': 'varchar'}) }}
    )
{%- endif %}

select * from affected
