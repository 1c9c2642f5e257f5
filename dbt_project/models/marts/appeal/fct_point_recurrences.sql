{%- set later -%}
partition by problem_code, street_code, community_key, point
            order by happened_at, step, contact_id
            rows between 1 following and unbounded following
{%- endset -%}

{{ config(
    materialized='incremental',
    incremental_strategy='replace_affected',
    meta={'affected_by': 'point', 'rules': ['recurrence_days']}
) }}

-- Whether the same problem was reported at the same point again within n days of closing, n being
-- in force on the day of closing. The n days must be over before the answer can be no: until then
-- nobody can know.
with appeals as (
    select * from {{ ref('core_appeals') }}
    {{ only_affected('point') }}
),

run as (select as_of from {{ ref('stg_run') }}),

policies as (
    select
        effective_from,
        effective_to,
        cast(value as integer) as recurrence_days
    from {{ ref('core_policies') }}
    where policy_code = 'recurrence_days'
),

located as (
    select
        *,
        coalesce(community, '') as community_key,
        status = 'closed' and closed_at is not null and quality_flags is null as is_closed
    from appeals
    where
        is_in_volume
        and point is not null
        and street_code <> '{{ var('unknown_code') }}'
        and problem_code <> '{{ var('unknown_code') }}'
),

-- At the same second an appeal comes before a closing: it did not come after it.
timed as (
    select *, received_at as happened_at, 1 as step from located
    union all
    select *, closed_at as happened_at, 2 as step from located
    where is_closed
),

looked_ahead as (
    select
        *,
        {{ first_filled('case when step = 1 then happened_at end') }} over (
            {{ later }}
        ) as recurred_at,
        {{ first_filled('case when step = 1 then contact_id end') }} over (
            {{ later }}
        ) as recurred_contact_id
    from timed
),

windowed as (
    select
        looked_ahead.*,
        {{ dbt.dateadd('day', 'policies.recurrence_days', 'looked_ahead.closed_at') }}
            as window_ends_at
    from looked_ahead
    inner join policies
        on
            cast(looked_ahead.closed_at as date) >= policies.effective_from
            and cast(looked_ahead.closed_at as date) < policies.effective_to
    where looked_ahead.step = 2
),

described as (
    select
        windowed.contact_id,
        windowed.problem_code,
        windowed.district_code,
        windowed.street_code,
        windowed.community,
        windowed.point,
        windowed.closed_at,
        windowed.window_ends_at,
        windowed.window_ends_at <= run.as_of as is_window_over,
        windowed.recurred_at,
        windowed.recurred_contact_id,
        case
            when windowed.recurred_at <= windowed.window_ends_at then true
            when windowed.window_ends_at <= run.as_of then false
        end as is_recurring
    from windowed
    cross join run
)

select * from described
