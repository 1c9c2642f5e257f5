{#- Elapsed hours as a fraction, from whole seconds; null when an end is missing. -#}
{%- macro hours_between(from_at, until_at) -%}
cast({{ dbt.datediff(from_at, until_at, 'second') }} as double) / 3600
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
