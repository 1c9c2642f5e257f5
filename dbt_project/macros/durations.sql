{#- Elapsed hours as a fraction, from whole seconds; null when an end is missing. -#}
{%- macro hours_between(from_at, until_at) -%}
cast({{ dbt.datediff(from_at, until_at, 'second') }} as double) / 3600
{%- endmacro -%}

{#- Seconds of working time up to a moment; `day` is its row of int_working_days. -#}
{%- macro working_seconds_at(day, moment) -%}
{{ day }}.working_seconds_before + greatest(
            0, least(
                {{ day }}.working_seconds,
                {{ dbt.datediff(day ~ '.opens_at', moment, 'second') }}
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
