{#- One rule per column: it must have a value. -#}
{%- macro given_rules(columns) -%}
{%- set rules = {} -%}
{%- for column in columns -%}
{%- do rules.update({column ~ '_is_given': column ~ ' is not null'}) -%}
{%- endfor -%}
{{ return(rules) }}
{%- endmacro -%}

{#- The broken rules of a table, each with one key and its number of rows. -#}
{%- macro broken_rules(model, key, rules) -%}
with checked as (
    select
        concat_ws(' / ', {{ key | join(', ') }}) as example_key,
        case
            {%- for name, condition in rules.items() %}
            when not ({{ condition }}) then '{{ name }}'
            {%- endfor %}
        end as broken_rule
    from {{ model }}
),

broken as (
    select
        broken_rule,
        count(*) as row_count,
        min(example_key) as example_key
    from checked
    where broken_rule is not null
    group by broken_rule
)

select * from broken
{%- endmacro -%}
