{#- Rows of a seed that can apply to the running source. -#}
{%- macro applies_to_source(column) -%}
{{ column }} in ('*', '{{ var('source_name') }}')
{%- endmacro -%}

{#- Order of rows for one subject and day: the source's own before those for all sources. -#}
{%- macro own_source_first(column) -%}
case when {{ column }} = '*' then 1 else 0 end
{%- endmacro -%}
