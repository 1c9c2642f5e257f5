"""A warehouse of a few rows that is finished and has passed its gate."""

from pathlib import Path

import duckdb

WAREHOUSE = """
create schema ops; create schema marts; create schema quality; create schema core;
create table ops.run as
    select timestamp '2021-03-19' as as_of, 'f1' as raw_fingerprint;
create table ops.built as select timestamp '2021-03-19 06:00:00' as built_at;
create table ops.changed_partitions (feed varchar, extract_date date);
create table quality.validations as
    select 'run1' as run_id, 'marts' as gate, 'a_check' as check_id, 'stop' as severity,
        true as is_passed, timestamp '2021-03-19 06:01:00' as ran_at;
create table marts.fct_appeals as select 'C1' as contact_id, date '2021-03-18' as received_on;
create table marts.rpt_intake_daily as
    select unnest([date '2021-03-17', date '2021-03-18', date '2029-01-01']) as received_on;
comment on table marts.rpt_intake_daily is 'Contacts per day.';
create view marts.dim_days as select distinct received_on as "on" from marts.rpt_intake_daily;
comment on view marts.dim_days is 'It''s one row per day.';
comment on column marts.dim_days."on" is 'The day.';
create table marts.dim_periods as select '2021-03' as period;
create table core.core_appeals as
    select 'C1' as contact_id, '2021-03' as period, date '2021-03-18' as received_on;
create table core.core_dispatches as
    select 'C1' as contact_id, '2021-03' as period, '2021-04' as closing_period,
        date '2021-03-18' as dispatched_on;
create view marts.fct_dispatches as
    select contact_id, dispatched_on, periods.period as closing_period from core.core_dispatches
    left join marts.dim_periods as periods on closing_period = periods.period;
create table core.core_ratings as
    select contact_id, period, received_on as followed_up_on from core.core_appeals;
create table core.core_whistles as from core.core_appeals;
create table ops.unpublished_contacts (contact_id varchar);
create table ops.unpublished_dates (on_date date);
create table ops.unpublished_points
    (problem_code varchar, street_code varchar, community varchar, point varchar);
"""


def make_warehouse(home: Path) -> None:
    """Writes it into a home."""
    with duckdb.connect(str(home / "warehouse.duckdb")) as con:
        con.execute(WAREHOUSE)
