-- Slots of a day's contacts over the hours: equal shares of contacts, unequal lengths of time.
create table time_slots as
with shares as (
    select
        hour_no,
        weight / sum(weight) over () as share,
        sum(weight) over (order by hour_no) / sum(weight) over () as upper
    from hours
),

slots as (
    select unnest(range(10000)) as slot
)

select
    s.slot,
    cast(floor(3600 * (h.hour_no + (s.slot / 10000.0 - h.upper + h.share) / h.share)) as bigint)
        as second_from,
    0.36 / h.share as seconds
from slots as s
inner join shares as h
    on s.slot >= round((h.upper - h.share) * 10000) and s.slot < round(h.upper * 10000);

create table problem_seed as
select problem_code, problem_name from all_problems;

create table street_seed as
select street_code, street_type, district_code from all_streets;

create table former_streets as
select street_code, list(former_code order by former_code) as former_codes
from all_street_changes
where former_code <> street_code
group by street_code;

create table unit_seed as
select distinct unit_code from all_units;

create table districts as
select district_code, row_number() over (order by district_code) - 1 as district_no
from all_districts;

create table contacts_due (
    extract_date date, contact_id varchar, received_at timestamp, order_type varchar,
    channel_code varchar, caller_id varchar, problem_code varchar, district_code varchar,
    street_code varchar, community varchar, point varchar, title varchar, content varchar,
    exclusion varchar, updated_at timestamp
);

create table dispatches_due (
    extract_date date, dispatch_id varchar, contact_id varchar, sequence_no bigint,
    unit_code varchar, role varchar, route varchar, dispatched_at timestamp,
    accepted_at timestamp, due_at timestamp, closed_at timestamp, status varchar,
    return_reason varchar, is_hard_case boolean, updated_at timestamp
);

create table ratings_due (
    extract_date date, rating_id varchar, dispatch_id varchar, contact_id varchar,
    followed_up_at timestamp, is_reached boolean, is_responded boolean, is_resolved boolean,
    is_part_resolved boolean, satisfaction varchar, assessment_scope varchar,
    exclusion varchar, updated_at timestamp
);
