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

receipts as (
    select
        problem_code,
        street_code,
        community_key,
        point,
        received_at,
        min(contact_id) as contact_id
    from located
    group by problem_code, street_code, community_key, point, received_at
),

looked_ahead as (
    select
        contact_id,
        step,
        min(case when step = 1 then happened_at end) over (
            partition by problem_code, street_code, community_key, point
            order by happened_at, step
            rows between 1 following and unbounded following
        ) as recurred_at
    from timed
),

windowed as (
    select
        located.*,
        looked_ahead.recurred_at,
        {{ dbt.dateadd('day', 'policies.recurrence_days', 'located.closed_at') }}
            as window_ends_at
    from located
    inner join looked_ahead
        on located.contact_id = looked_ahead.contact_id and looked_ahead.step = 2
    inner join policies
        on
            cast(located.closed_at as date) >= policies.effective_from
            and cast(located.closed_at as date) < policies.effective_to
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
        receipts.contact_id as recurred_contact_id,
        case
            when windowed.recurred_at <= windowed.window_ends_at then true
            when windowed.window_ends_at <= run.as_of then false
        end as is_recurring
    from windowed
    cross join run
    left join receipts
        on
            windowed.problem_code = receipts.problem_code
            and windowed.street_code = receipts.street_code
            and windowed.community_key = receipts.community_key
            and windowed.point = receipts.point
            and windowed.recurred_at = receipts.received_at
)

select * from described
