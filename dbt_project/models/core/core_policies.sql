{{ config(tags=['rules'], meta={
    'rule_columns': ['policy_code', 'subject', 'detail', 'effective_from', 'effective_to', 'value'],
    'rule_key': 'policy_code',
}) }}

-- The dated row in force on any day, for every seed of dated rows; the one place where it is
-- chosen. Of the rows for one subject the source's own go before those for all sources, then the
-- newest that has begun counts. Each holds until another one is chosen. Before its first day the
-- first row of a subject holds as well, unless a general row (subject `*`) holds there. A row for
-- the subject itself before a general one: that is for the reader of this model to choose.
with parameters as (
    select
        parameter_code as policy_code, '*' as subject, '*' as detail,
        source_name, effective_from, value
    from {{ ref('policy_parameters') }}
),

weights as (
    {%- for rate in ['response', 'resolution', 'satisfaction'] %}
        select
            '{{ rate }}_weight' as policy_code,
            unit_type as subject,
            '*' as detail,
            source_name, effective_from,
            {{ rate }}_weight as value
        from {{ ref('policy_composite_weights') }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}
),

deadlines as (
    select
        'limit_hours' as policy_code,
        class_prefix as subject,
        urgency as detail,
        source_name, effective_from,
        cast(limit_hours as double) as value
    from {{ ref('policy_deadlines') }}
),

inhabitants as (
    select
        'inhabitants' as policy_code,
        place_code as subject,
        '*' as detail,
        source_name,
        counted_on as effective_from,
        cast(inhabitants as double) as value
    from {{ ref('populations') }}
),

dated_rows as (
    select * from parameters
    union all
    select * from weights
    union all
    select * from deadlines
    union all
    select * from inhabitants
),

applicable as (
    select * from dated_rows
    where {{ applies_to_source('source_name') }}
),

starts as (
    select distinct policy_code, subject, detail, effective_from
    from applicable
),

numbered as (
    select
        starts.*,
        applicable.value,
        row_number() over (
            partition by
                starts.policy_code, starts.subject, starts.detail, starts.effective_from
            order by
                {{ own_source_first('applicable.source_name') }},
                applicable.effective_from desc
        ) as priority_rank
    from starts
    inner join applicable
        on
            starts.policy_code = applicable.policy_code
            and starts.subject = applicable.subject
            and starts.detail = applicable.detail
            and applicable.effective_from <= starts.effective_from
),

ordered as (
    select
        *,
        row_number() over (
            partition by policy_code, subject, detail order by effective_from
        ) as start_no,
        lead(effective_from) over (
            partition by policy_code, subject, detail order by effective_from
        ) as next_from,
        max(case when subject = '*' then 1 else 0 end) over (partition by policy_code)
            as has_general_row
    from numbered
    where priority_rank = 1
),

effective as (
    select
        policy_code, subject, detail,
        case
            when start_no = 1 and (subject = '*' or has_general_row = 0)
                then cast('0001-01-01' as date)
            else effective_from
        end as effective_from,
        coalesce(next_from, cast('9999-12-31' as date)) as effective_to,
        value
    from ordered
)

select * from effective
