{{ config(meta={'rule_columns': ['problem_code']}) }}

with mapped as (
    select
        problem_code,
        problem_name,
        problem_name_en,
        level_1_code,
        level_1_name,
        level_2_code,
        level_2_name,
        seven_five,
        true as is_mapped
    from {{ ref('problems') }}
    where source_name = '{{ var('source_name') }}'
),

used_codes as (
    select problem_code from {{ ref('stg_contacts') }}
    union
    select problem_code from {{ ref('stg_topic_problems') }}
    union
    select '{{ var('unknown_code') }}' as problem_code
),

inferred as (
    select
        problem_code,
        problem_code as problem_name,
        problem_code as problem_name_en,
        '{{ var('unknown_code') }}' as level_1_code,
        '{{ var('unknown_code') }}' as level_1_name,
        '{{ var('unknown_code') }}' as level_2_code,
        '{{ var('unknown_code') }}' as level_2_name,
        cast(null as varchar) as seven_five,
        false as is_mapped
    from used_codes
    where
        problem_code is not null
        and problem_code not in (select mapped.problem_code from mapped)
),

members as (
    select * from mapped
    union all
    select * from inferred
)

select * from members
