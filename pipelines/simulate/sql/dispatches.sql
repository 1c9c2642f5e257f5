-- One row per dispatch: leads 1 to lead_count, then the assisting units.
create or replace temp table dispatches as
with numbered as (
    select *, unnest(range(1, 1 + lead_count + assist_count)) as sequence_no from appeals
),

slotted as (
    select
        n.*,
        mix(n.k, n.sequence_no) as j,
        n.sequence_no <= n.lead_count as is_lead,
        u.unit_code as direct_unit_code
    from numbered as n
    left join unit_slots as u
        on
            (n.problem_no * 32 + n.district_no) * 100
            + cast(floor(draw(mix(n.k, n.sequence_no), 91) * 100) as bigint) = u.unit_key
            and n.year_no >= 2020
            and n.sequence_no = 1
            and n.assist_count = 0
),

-- A street that whistles leads; its helpers are units of the district (before 2020: the next
-- street), and some never come: they neither sign nor close. What comes back goes to the
-- district, or before 2020 to the next street.
assigned as (
    select
        *,
        case
            when sequence_no = 1 then coalesce(direct_unit_code, street_code)
            when
                year_no < 2020
                then case when sequence_no = 3 then street_code else neighbour_code end
            when is_lead
                then
                    district_code || '-D' || lpad(cast(2 + sequence_no as varchar), 2, '0')
            else district_code || '-D' || lpad(cast(
                1 + (cast(floor(draw(k, 92) * 8) as integer) + sequence_no) % 8 as varchar
            ), 2, '0')
        end as unit_code,
        case
            when not is_lead then after(first_at, 0.02 * sequence_no + 0.5 * draw(j, 93))
            when sequence_no = 1 then first_at
            when sequence_no = 2 then second_at
            else third_at
        end as dispatched_at,
        case
            when not is_lead or sequence_no = lead_count then null
            when sequence_no = 1 then first_returned_at
            else second_returned_at
        end as returned_at,
        not is_lead and draw(j, 88) < number_('absent_share') as is_absent
    from slotted
)

select
    'D' || substr(contact_id, 3) || '-' || cast(sequence_no as varchar) as dispatch_id,
    contact_id, sequence_no, unit_code, j,
    case when is_lead then 'lead' else 'assist' end as role,
    case
        when assist_count > 0 then 'whistle'
        when draw(j, 94) < number_('via_district_share') and unit_code not like 'BJ-%'
            then 'via_district'
        else 'direct'
    end as route,
    dispatched_at,
    case
        when is_absent then null
        when returned_at is null or draw(j, 95) < 0.5
            then after(dispatched_at, (5 + 100 * power(draw(j, 96), 2)) / 60)
    end as accepted_at,
    after(dispatched_at, deadline_hours) as due_at,
    returned_at,
    case
        when returned_at is not null or is_absent then null
        when is_lead then closed_at
        -- Helpers are ready before the lead answers.
        when closed_at is not null then greatest(
            after(dispatched_at, 0.5),
            closed_at - to_seconds(cast(floor(36000 * draw(j, 97)) as bigint))
        )
    end as closed_at,
    draw(
        k, 98) < number_('hard_case_share') * case
        when coalesce(closed_at > due_at_lead, true)
            then 5
        else 1
    end as is_hard_case
from (select *, after(final_at, deadline_hours) as due_at_lead from assigned);
