{#-
  The reasons why a row contradicts itself or has no related row, sorted and joined by commas; null
  if there are none. `rules` maps a reason to its condition. A missing value is never a
  contradiction.
-#}
{%- macro quality_flags(rules) -%}
nullif(concat_ws(
            ',',
            {%- for reason in rules | sort %}
            case when {{ rules[reason] }} then '{{ reason }}' end{{ ',' if not loop.last }}
            {%- endfor %}
        ), '')
{%- endmacro -%}

{#-
  Whether one of these reasons holds. Only a contradiction takes durations and validity from a
  row; a related row that has not been delivered is a flag and nothing more.
-#}
{%- macro holds_any(rules) -%}
coalesce(
            {%- for reason in rules | sort %}
            {{ rules[reason] }}{{ ' or' if not loop.last }}
            {%- endfor %},
            false
        )
{%- endmacro -%}
