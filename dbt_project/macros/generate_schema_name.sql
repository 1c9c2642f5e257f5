{#- Schema names are used exactly as configured: staging, core, marts … -#}
{%- macro generate_schema_name(custom_schema_name, node) -%}
    {{- target.schema if custom_schema_name is none else custom_schema_name | trim -}}
{%- endmacro -%}
