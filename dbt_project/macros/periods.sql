{#- Name YYYY-MM of the month a date is in. -#}
{%- macro year_month(on_date) -%}
substring(cast({{ on_date }} as varchar), 1, 7)
{%- endmacro -%}

{#- Name YYYY of the calendar year a date is in. -#}
{%- macro calendar_year(on_date) -%}
substring(cast({{ on_date }} as varchar), 1, 4)
{%- endmacro -%}
