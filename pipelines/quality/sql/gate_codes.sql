-- Share of the rows of the last {history_days} days whose code no code list knows. 'unknown' is
-- the member of rows without any code and is not counted.
create or replace temp table gate_unmapped as
with

codes as (
    select 'problem' as code_kind, appeals.problem_code as code, problems.is_mapped
    from marts.fct_appeals as appeals
    left join marts.dim_problems as problems on appeals.problem_code = problems.problem_code
    where appeals.received_on > date '{end}' - {history_days}
    union all
    select 'street', appeals.street_code, places.is_mapped
    from marts.fct_appeals as appeals
    left join marts.dim_places as places on appeals.street_code = places.street_code
    where appeals.received_on > date '{end}' - {history_days}
    union all
    select 'unit', dispatches.unit_code, units.is_mapped
    from marts.fct_dispatches as dispatches
    left join marts.dim_units as units on dispatches.unit_code = units.unit_code
    where dispatches.dispatched_on > date '{end}' - {history_days}
),

counted as (
    select code_kind, code, count(*) as row_count, not coalesce(is_mapped, false) as is_unmapped
    from codes
    where code <> 'unknown'
    group by code_kind, code, is_unmapped
)

select
    code_kind,
    coalesce(sum(row_count) filter (is_unmapped), 0) / sum(row_count) as unmapped_share,
    sum(row_count) filter (is_unmapped) as unmapped_rows,
    arg_max(code, row_count) filter (is_unmapped) as most_frequent_code
from counted
group by code_kind;
