{#-
  The reasons why a row contradicts itself, sorted and joined by commas; null if there are
  none. `rules` maps a reason to its condition. A missing value is never a contradiction.
-#}
{%- macro quality_flags(rules) -%}
nullif(concat_ws(
            ',',
            {%- for reason in rules | sort %}
            case when {{ rules[reason] }} then '{{ reason }}' end{{ ',' if not loop.last }}
            {%- endfor %}
        ), '')
{%- endmacro -%}
