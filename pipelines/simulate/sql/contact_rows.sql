-- What the contacts extract says, and on which day: received, recoded, excluded.
insert into contacts_due
with versions as (
    select *, received_at as updated_at, false as is_recoded, 'none' as exclusion_now
    from contacts
    union all
    select
        *, recoded_at, true,
        case when excluded_at <= recoded_at then exclusion else 'none' end
    from contacts
    where
        recoded_at is not null
        and not coalesce(
            cast(excluded_at as date) = cast(recoded_at as date) and excluded_at >= recoded_at,
            false
        )
    union all
    select *, excluded_at, coalesce(recoded_at <= excluded_at, false), exclusion
    from contacts
    where
        excluded_at is not null
        and not coalesce(
            cast(excluded_at as date) = cast(recoded_at as date) and recoded_at > excluded_at,
            false
        )
),

named as (
    select
        v.*, p.problem_code, p.problem_name, s.district_code, c.community,
        -- Callers and address books keep the old name of a street for long.
        case
            when s.former_codes is not null and draw(v.k, 65) < number_('former_street_share')
                then s.former_codes[
                    1 + cast(floor(draw(v.k, 66) * len(s.former_codes)) as integer)
                ]
            else s.street_code
        end as street_code,
        getvariable('titles')[
            1 + cast(floor(draw(v.k, 61) * len(getvariable('titles'))) as integer)
        ]
            as title_form,
        getvariable('contents')[
            1 + cast(floor(draw(v.k, 62) * len(getvariable('contents'))) as integer)
        ] as content_form,
        draw(v.k, 63) / number_('personal_text_share') as planted
    from versions as v
    inner join problem_list as p
        on case when v.is_recoded then v.recoded_problem_no else v.problem_no end = p.problem_no
    inner join street_list as s on v.street_no = s.street_no
    inner join communities as c on v.community_key = c.community_key
)

select
    cast(updated_at as date) as extract_date,
    contact_id, received_at, order_type, channel_code, caller_id, problem_code,
    case when has_place then district_code end as district_code,
    case when has_place and has_street then street_code end as street_code,
    case when has_place and has_street then community end as community,
    case
        when has_place and has_street
            then replace(
                replace(
                    case
                        when ends_with(community, '村') then getvariable('point_village')
                        else getvariable('point_other')
                    end,
                    '{c}', community
                ),
                '{n}', cast(point_no as varchar)
            )
    end as point,
    replace(replace(replace(title_form, '{c}', community), '{p}', problem_name), '问题问题', '问题')
        as title,
    replace(
        replace(replace(content_form, '{c}', community), '{p}', problem_name), '问题问题', '问题'
    ) || case
        when planted < 0.6
            then
                replace(
                    getvariable('planted_phone'), '{d}',
                    lpad(cast(cast(floor(draw(k, 64) * 10000) as integer) as varchar), 4, '0')
                )
        when planted < 0.8
            then
                replace(
                    getvariable('planted_identity_card'), '{id}',
                    impossible_card(cast(floor(draw(k, 64) * 1000) as integer))
                )
        when planted < 1
            then
                replace(
                    getvariable('planted_plate'), '{d}',
                    lpad(cast(cast(floor(draw(k, 64) * 10000) as integer) as varchar), 4, '0')
                )
        else ''
    end as content,
    exclusion_now as exclusion,
    updated_at
from named;
