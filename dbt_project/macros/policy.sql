{#- Rows of a policy seed that can apply to the running source. -#}
{%- macro applies_to_source(column) -%}
{{ column }} in ('*', '{{ var('source_name') }}')
{%- endmacro -%}
