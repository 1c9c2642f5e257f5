{#- Elapsed hours as a fraction, from whole seconds; null when an end is missing. -#}
{%- macro hours_between(from_at, until_at) -%}
cast({{ dbt.datediff(from_at, until_at, 'second') }} as double) / 3600
{%- endmacro -%}

{#- Seconds of working time up to a timestamp; `day` is its row of core_working_days. -#}
{%- macro working_seconds_at(day, timestamp) -%}
{{ day }}.working_seconds_before + greatest(
            0, least(
                {{ day }}.working_seconds,
                {{ dbt.datediff(day ~ '.opens_at', timestamp, 'second') }}
            )
        )
{%- endmacro -%}

{#-
  Overdue only where it can be known: a closed dispatch by its closing time, an open one once
  its time has passed. Returned, without a due time, or still within it: null.
-#}
{%- macro is_overdue(status, due_at, closed_at, as_of) -%}
case
            when {{ status }} = 'closed' then {{ closed_at }} > {{ due_at }}
            when {{ status }} = 'open' and {{ as_of }} > {{ due_at }} then true
        end
{%- endmacro -%}

{#-
  Whether a unit that was called by whistle (吹哨) reported: it signed for the order or closed
  it. It did not if it gave the order back or let its time pass without signing; until then
  nobody can know.
-#}
{%- macro has_reported(status, accepted_at, due_at, as_of) -%}
case
            when {{ status }} = 'returned' then false
            when {{ status }} = 'closed' or {{ accepted_at }} is not null then true
            when {{ as_of }} > {{ due_at }} then false
        end
{%- endmacro -%}

{#- How long a dispatch took, by both clocks, and whether it was late; null where its row contradicts itself. -#}
{%- macro durations_of_dispatch() -%}
case
            when not is_contradictory then {{ hours_between('dispatched_at', 'accepted_at') }}
        end as hours_to_accept,
        case
            when not is_contradictory
                then cast(accepted_second - dispatched_second as double) / 3600
        end as working_hours_to_accept,
        case
            when not is_contradictory and status = 'closed'
                then {{ hours_between('dispatched_at', 'closed_at') }}
        end as handling_hours,
        case
            when not is_contradictory and status = 'closed'
                then cast(closed_second - dispatched_second as double) / 3600
        end as handling_working_hours,
        case
            when not is_contradictory
                then {{ is_overdue('status', 'effective_due_at', 'closed_at', 'as_of') }}
        end as is_overdue,
        case
            when route = 'whistle' and role = 'assist'
                then {{ has_reported('status', 'accepted_at', 'effective_due_at', 'as_of') }}
        end as has_reported
{%- endmacro -%}
