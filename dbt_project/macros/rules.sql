{#- The broken rules of a table, each with its rows and one key: see `tests/generic/rows_hold.sql`. -#}
{%- macro broken_rules(model, key, may_be_null, other_keys, not_null, references, rules) -%}
{%- set all_rules = {} -%}
{%- for column in (key + other_keys | sum(start=[]) + not_null) if column not in may_be_null -%}
    {%- do all_rules.update({column ~ '_is_given': column ~ ' is not null'}) -%}
{%- endfor -%}
{%- do all_rules.update(rules) -%}
with tested as {{ 'not materialized' if checks_all_rows() else 'materialized' }} (
    select * from {{ model }}
),

checked as (
    select
        concat_ws(' / ', {{ key | join(', ') }}) as example_key,
        case
            {%- for name, condition in all_rules.items() %}
            when not ({{ condition }}) then '{{ name }}'
            {%- else %}
            when false then ''
            {%- endfor %}
        end as broken_rule
    from tested
),

broken as (
    select
        broken_rule,
        count(*) as row_count,
        min(example_key) as example_key
    from checked
    where broken_rule is not null
    group by broken_rule
    {%- for columns in [key] + other_keys %}
        union all
        select
            '{{ columns | join(', ') }} in one row' as broken_rule,
            cast(sum(row_count) as bigint) as row_count,
            min(example_key) as example_key
        from (
            select
                concat_ws(' / ', {{ columns | join(', ') }}) as example_key,
                count(*) as row_count
            from tested
            group by {{ columns | join(', ') }}
            having count(*) > 1
        ) as repeated
        having count(*) > 0
    {%- endfor %}
    {%- for reference in references %}
        union all
        select
            '{{ reference.column }}_is_listed' as broken_rule,
            count(*) as row_count,
            min(concat_ws(' / ', {{ key | join(', ') }})) as example_key
        from tested
        where
            {{ reference.column }} is not null
            and not exists (
                select 1 from {{ reference.to }} as listed
                where listed.{{ reference.field }} = tested.{{ reference.column }}
            )
        having count(*) > 0
    {%- endfor %}
)

select * from broken
{%- endmacro -%}
