-- Follow-ups of the last lead dispatch. The chance to be resolved is the published rate of the
-- day, moved by problem and street; dissatisfaction falls mostly on the unresolved.
create or replace temp table ratings as
with numbered as (
    select *, 1 as rating_no, first_follow_up_at as followed_up_at
    from appeals
    where first_follow_up_at is not null
    union all
    select *, 2, second_follow_up_at
    from appeals
    where second_follow_up_at is not null
),

expected as (
    select
        n.*, mix(n.k, 1000 + n.rating_no) as j, r.response,
        e.effect + n.place_effect + case
            when n.topic_id is not null and n.year_no = 2021
                then
                    number_('topic_rate_gain')
                    * (least(334, dayofyear(n.followed_up_at)) / 334.0 - 1)
            else 0
        end as effect,
        r.resolution, r.satisfaction
    from numbered as n
    inner join daily_rates as r on cast(n.followed_up_at as date) = r.on_date
    inner join problem_effects as e on n.problem_no = e.problem_no
),

chances as (
    select
        *,
        -- The effect shrinks near 1 so that it stays centred.
        greatest(0.02, least(0.985, resolution + effect * 4 * resolution * (1 - resolution)))
            as resolved_chance,
        (
            1 - satisfaction
            - (1 - number_('basically_satisfied_weight')) * number_('basically_satisfied_share')
        )
        * (1 - 2 * effect) as dissatisfied_chance
    from expected
),

drawn as (
    select
        *,
        draw(j, 1) < number_('reached_share') as is_reached,
        draw(j, 2) < resolved_chance as is_resolved,
        case
            when draw(j, 4) < number_('no_assessment_share') then 'none'
            when draw(j, 4) < number_('no_assessment_share') + number_('response_only_share')
                then 'response_only'
            else 'full'
        end as assessment_scope
    from chances
)

select
    'R' || substr(contact_id, 3) || '-' || cast(rating_no as varchar) as rating_id,
    'D' || substr(contact_id, 3) || '-' || cast(lead_count as varchar) as dispatch_id,
    contact_id, followed_up_at, is_reached, assessment_scope, excluded_at, exclusion,
    case
        when is_reached
            then
                is_resolved
                or draw(j, 3) < (response - resolved_chance) / (1 - resolved_chance)
    end as is_responded,
    case when is_reached and assessment_scope = 'full' then is_resolved end as is_resolved,
    case
        when is_reached and assessment_scope = 'full'
            then not is_resolved and draw(j, 7) < number_('part_resolved_share')
    end as is_part_resolved,
    case when is_reached and assessment_scope = 'full' then case
        when draw(j, 5) < case
            when is_resolved then 0.18 * dissatisfied_chance
            else dissatisfied_chance * (1 - 0.18 * resolved_chance) / (1 - resolved_chance)
        end then 'dissatisfied'
        when draw(j, 6) < number_('basically_satisfied_share') / (1 - dissatisfied_chance)
            then 'basically_satisfied'
        else 'satisfied'
    end end as satisfaction
from drawn;

-- The follow-up, and again when the contact is excluded after it.
insert into ratings_due
with versions as (
    select
        *, followed_up_at as updated_at,
        case when excluded_at <= followed_up_at then exclusion else 'none' end as exclusion_now
    from ratings
    where
        not coalesce(
            cast(excluded_at as date) = cast(followed_up_at as date)
            and excluded_at > followed_up_at,
            false
        )
    union all
    select *, excluded_at, exclusion
    from ratings
    where excluded_at > followed_up_at
)

select
    cast(updated_at as date) as extract_date,
    rating_id, dispatch_id, contact_id, followed_up_at, is_reached, is_responded, is_resolved,
    is_part_resolved, satisfaction, assessment_scope, exclusion_now as exclusion, updated_at
from versions;
