{#- Rows of a seed that can apply to the running source. -#}
{%- macro applies_to_source(column) -%}
{{ column }} in ('*', '{{ var('source_name') }}')
{%- endmacro -%}

{#- Order of rows for one subject and day: the source's own before those for all sources. -#}
{%- macro own_source_first(column) -%}
case when {{ column }} = '*' then 1 else 0 end
{%- endmacro -%}

{#- Problem and place of a contact; a contact that has not been delivered is of unknown ones. -#}
{%- macro known_codes(contacts) -%}
coalesce({{ contacts }}.problem_code, '{{ var('unknown_code') }}') as problem_code,
        coalesce({{ contacts }}.district_code, '{{ var('unknown_code') }}') as district_code,
        coalesce({{ contacts }}.street_code, '{{ var('unknown_code') }}') as street_code
{%- endmacro -%}
