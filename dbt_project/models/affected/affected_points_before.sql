{{ config(materialized='incremental', incremental_strategy='append') }}

-- Points where an affected contact was before this run, each with its problem, and points where a
-- window of recurrence has ended: "not known yet" becomes "no", or the other way round when
-- extract days were taken away.
-- depends_on: {{ ref('affected_contacts') }}
{% if is_incremental() -%}
    with affected_contacts as (
        select * from {{ ref('affected_contacts') }}
    ),

    run as (
        select * from {{ source('ops', 'run') }}
    ),

    appeals as (
        select * from {{ source('last_build_core', 'core_appeals') }}
        {{ of_affected_contacts() }}
    ),

    recurrences as (
        select * from {{ source('last_build_marts', 'fct_point_recurrences') }}
    ),

    affected as (
        select
            problem_code,
            street_code,
            coalesce(community, '') as community,
            point
        from appeals
        where point is not null
        union
        select
            recurrences.problem_code,
            recurrences.street_code,
            coalesce(recurrences.community, '') as community,
            recurrences.point
        from recurrences
        cross join run
        where
            recurrences.window_ends_at >= least(run.previous_as_of, run.as_of)
            and recurrences.window_ends_at <= greatest(run.previous_as_of, run.as_of)
        except
        select problem_code, street_code, community, point from {{ this }}
    )
{%- else -%}
    with affected as (
    {{ nothing_affected({
        'problem_code': 'varchar', 'street_code': 'varchar',
        'community': 'varchar', 'point': 'varchar',
    }) }}
    )
{%- endif %}

select * from affected
