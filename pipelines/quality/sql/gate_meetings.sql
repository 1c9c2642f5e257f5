-- Rows that have no counterpart in another feed, and rows that contradict themselves: of the last
-- {history_days} days, and of the contacts that the newest build has computed again, however old.
-- An appeal may wait {window_days} days for its dispatch. Shares of fewer than {min_rows} rows are
-- null: they would only be noise.
create or replace temp table gate_meetings as
with

appeals as (
    select contact_id as row_key, quality_flags, dispatch_count = 0 as is_unmet
    from marts.fct_appeals
    where received_on > date '{end}' - {history_days} - {window_days}
        and received_on <= date '{end}' - {window_days}
        and exclusion = 'none'
),

dispatches as (
    select dispatch_id as row_key, quality_flags from marts.fct_dispatches
    where dispatched_on > date '{end}' - {history_days}
    union
    select dispatch_id, quality_flags from marts.fct_dispatches
    where contact_id in (select contact_id from affected.affected_contacts)
        and dispatched_on in (select on_date from affected.affected_dates)
),

ratings as (
    select rating_id as row_key, quality_flags from marts.fct_ratings
    where followed_up_on > date '{end}' - {history_days}
    union
    select rating_id, quality_flags from marts.fct_ratings
    where contact_id in (select contact_id from affected.affected_contacts)
        and followed_up_on in (select on_date from affected.affected_dates)
),

rows_to_judge as (
    select 'fct_appeals' as table_name, is_unmet, quality_flags from appeals
    -- A source that delivers no dispatches has none to miss.
    where exists (select 1 from marts.fct_dispatches)
    union all
    select 'fct_dispatches', quality_flags like '%_without_%', quality_flags from dispatches
    union all
    select 'fct_ratings', quality_flags like '%_without_%', quality_flags from ratings
)

select
    table_name,
    count(*) as row_count,
    count_if(is_unmet) as unmet_rows,
    count_if(quality_flags like '%_before_%') as contradictory_rows,
    case when row_count >= {min_rows} then unmet_rows / row_count end as unmet_share,
    unmet_share as apart_share,
    case when row_count >= {min_rows} then contradictory_rows / row_count end
        as contradictory_share
from rows_to_judge
group by table_name;
