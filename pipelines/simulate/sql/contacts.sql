-- One row per contact received in the batch, with all that will ever happen to it.
create or replace temp table contact_draws as
with received as (
    select on_date, day_no, year_no, segment, contacts, callers, unnest(range(contacts)) as i
    from days
    where on_date between getvariable('batch_from') and getvariable('batch_to')
),

keyed as (
    select *, contact_key(day_no, i) as k from received
),

drawn as (
    select
        *,
        draw(k, 1) < number_('appeal_share') as is_appeal,
        draw(k, 1) < number_('appeal_share') and draw(k, 2) < number_('repeat_share')
        and day_no - number_('repeat_days') >= getvariable('first_day') - date '1970-01-01'
            as is_repeat,
        day_no - 1 - cast(floor(draw(k, 3) * number_('repeat_days')) as integer) as earlier_day_no
    from keyed
)

-- A repeat takes caller, problem and place from the key of an earlier contact.
select
    d.on_date, d.day_no, d.year_no, d.contacts, d.i, d.k, d.is_appeal,
    case
        when d.is_repeat
            then contact_key(e.day_no, cast(floor(draw(d.k, 4) * e.contacts) as bigint))
        else d.k
    end as o,
    case when d.is_repeat then e.segment else d.segment end as o_segment,
    case when d.is_repeat then e.callers else d.callers end as o_callers
from drawn as d
left join days as e on d.earlier_day_no = e.day_no and d.is_repeat;

create or replace temp table contacts as
with placed as (
    select
        c.*,
        p.problem_no,
        r.problem_no as recoded_problem_no,
        s.street_no
    from contact_draws as c
    inner join problem_slots as p
        on
            c.o_segment = p.segment
            and c.is_appeal = p.is_appeal
            and cast(floor(draw(c.o, 5) * 20000) as bigint) = p.slot
    inner join problem_slots as r
        on
            c.o_segment = r.segment
            and c.is_appeal = r.is_appeal
            and cast(floor(draw(c.k, 6) * 20000) as bigint) = r.slot
    inner join place_slots as s
        on p.problem_no * 4096 + cast(floor(draw(c.o, 7) * 4096) as bigint) = s.place_key
),

timed as (
    select
        p.*,
        p.on_date + to_seconds(cast(floor(
            t.second_from + t.seconds
            * ((p.i + draw(p.k, 8)) / p.contacts * 10000 - t.slot)
        ) as bigint)) as received_at
    from placed as p
    inner join time_slots as t
        on cast(floor((p.i + draw(p.k, 8)) / p.contacts * 10000) as bigint) = t.slot
)

select
    strftime(t.on_date, 'BJ%Y%m%d') || lpad(cast(t.i as varchar), 6, '0') as contact_id,
    t.k, t.o, t.on_date, t.year_no, t.received_at, t.is_appeal, t.problem_no, t.street_no,
    t.recoded_problem_no,
    case
        when t.is_appeal then 'appeal'
        when draw(t.k, 1) > 1 - number_('praise_share') then 'praise'
        when draw(t.k, 1) > 1 - number_('praise_share') - number_('other_share') then 'other'
        else 'consultation'
    end as order_type,
    case
        when draw(t.k, 9) < number_('phone_share') then 'phone'
        when draw(t.k, 9) < number_('phone_share') + number_('web_share') then 'web'
        when draw(t.k, 9) < number_('phone_share') + number_('web_share') + number_('app_share')
            then 'app'
        else 'wechat'
    end as channel_code,
    -- 100… is no mobile prefix: these numbers belong to nobody.
    case when draw(t.o, 10) >= number_('no_caller_share') then '100' || lpad(cast((
        cast(floor(t.o_callers * power(draw(t.o, 11), number_('caller_skew'))) as bigint) * 48271
        + 11
    ) % 100000000 as varchar), 8, '0') end as caller_id,
    not(not t.is_appeal and draw(t.k, 12) < number_('no_place_share')) as has_place,
    not(draw(t.k, 13) < number_('no_street_share')) as has_street,
    t.street_no * 16 + cast(floor(16 * draw(t.o, 14)) as bigint) as community_key,
    case
        when draw(t.o, 21) >= number_('no_point_share')
            then 1 + cast(floor(number_('points_per_community') * draw(t.o, 22)) as integer)
    end as point_no,
    case
        when not t.is_appeal then null
        when draw(t.k, 15) < number_('excluded_share')
            then office_hour(t.received_at, 5 + floor(36 * draw(t.k, 16)), draw(t.k, 17))
        when draw(t.k, 15) < number_('excluded_share') + number_('suspended_share')
            then office_hour(t.received_at, 5 + floor(26 * draw(t.k, 16)), draw(t.k, 17))
    end as excluded_at,
    case when draw(t.k, 15) < number_('excluded_share') then 'excluded' else 'suspended' end
        as exclusion,
    case
        when t.is_appeal and draw(t.k, 18) < number_('recoded_share')
            then office_hour(t.received_at, 1 + floor(15 * draw(t.k, 19)), draw(t.k, 20))
    end as recoded_at
from timed as t;
