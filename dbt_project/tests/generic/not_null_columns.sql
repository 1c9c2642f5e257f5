{#- Fails with the column and its number of rows for every one of `columns` that has a null. -#}
{%- test not_null_columns(model, columns) -%}
    {{ broken_rules(model, columns[:1], given_rules(columns)) }}
{%- endtest -%}
