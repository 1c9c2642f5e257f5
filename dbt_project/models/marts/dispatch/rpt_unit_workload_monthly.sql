{%- set counted = [
    'received', 'lead', 'assist', 'closed', 'open', 'returned', 'closed_by_end', 'open_at_end',
    'overdue', 'known_overdue', 'hard_cases', 'whistle_calls', 'whistles_reported',
] -%}

-- A table, made in full in each build: what changes in one period moves the backlog of all later
-- ones. The rows it is made from are few; the counting is done by period beneath it.
with periods as (
    select * from {{ ref('core_periods') }}
),

counts as (
    select * from {{ ref('monthly_workload') }}
    where period in (select periods.period from periods)
),

-- A dispatch whose own period is not in the data is in no backlog, so its closing takes none away.
closings as (
    select
        period,
        unit_code,
        cast(sum(closed_in_period) as bigint) as closed_in_period
    from {{ ref('monthly_closings') }}
    where
        period in (select periods.period from periods)
        and dispatch_period in (select periods.period from periods)
    group by period, unit_code
),

inhabitants as (
    select * from {{ ref('core_unit_inhabitants') }}
),

begun_periods as (
    select period from periods
    where elapsed_days > 0
),

counted_keys as (
    select period, unit_code from counts
    union
    select period, unit_code from closings
),

first_periods as (
    select
        unit_code,
        min(period) as first_period
    from counted_keys
    group by unit_code
),

-- Every period from the unit's first on: what it left may wait for years.
keys as (
    select period, unit_code from counted_keys
    union
    select
        begun_periods.period,
        first_periods.unit_code
    from first_periods
    inner join begun_periods on first_periods.first_period <= begun_periods.period
),

joined as (
    select
        keys.period,
        keys.unit_code,
        {%- for column in counted %}
            coalesce(counts.{{ column }}, 0) as {{ column }},
        {%- endfor %}
        counts.median_handling_hours,
        counts.median_handling_working_hours,
        coalesce(closings.closed_in_period, 0) as closed_in_period,
        inhabitants.inhabitants
    from keys
    left join counts
        on keys.period = counts.period and keys.unit_code = counts.unit_code
    left join closings
        on keys.period = closings.period and keys.unit_code = closings.unit_code
    left join inhabitants
        on keys.period = inhabitants.period and keys.unit_code = inhabitants.unit_code
),

-- What was dispatched in earlier periods and has neither come back nor been closed in them. A
-- returned one leaves no backlog: when it came back is not delivered.
carried_over as (
    select
        *,
        coalesce(cast(sum(received - returned - closed_in_period) over (
            partition by unit_code
            order by period
            rows between unbounded preceding and 1 preceding
        ) as bigint), 0) as backlog_at_start
    from joined
),

described as (
    select
        period,
        unit_code,
        received, lead, assist,
        closed, open, returned,
        closed_by_end, open_at_end,
        overdue,
        known_overdue,
        {{ rate('overdue', 'known_overdue') }} as overdue_share,
        hard_cases, whistle_calls, whistles_reported,
        median_handling_hours,
        median_handling_working_hours,
        inhabitants,
        10000 * {{ rate('received', 'inhabitants') }} as received_per_10k,
        backlog_at_start,
        closed_in_period,
        backlog_at_start + received - returned - closed_in_period as backlog_at_end
    from carried_over
    where received > 0 or closed_in_period > 0 or backlog_at_start > 0
)

select * from described
