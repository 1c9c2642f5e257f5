{{ config(
    materialized='view',
    meta={'affected_by': 'contact_id', 'affected_day': 'received_on'}
) }}

-- Contacts as all marts count them: a missing code is a member of its own, a street that was
-- merged or recoded counts under today's code and in that street's district, so that the streets
-- of a district add up to it, and the exclusion says where a contact counts.
with contacts as (
    select
        *,
        coalesce(exclusion, 'none') as known_exclusion
    from {{ ref('stg_contacts') }}
),

street_codes as (
    select * from {{ ref('core_street_codes') }}
),

exclusions as (
    select * from {{ ref('exclusions') }}
),

described as (
    select
        contacts.contact_id,
        contacts.received_at,
        contacts.received_on,
        contacts.order_type,
        coalesce(contacts.channel_code, '{{ var('unknown_code') }}') as channel_code,
        contacts.caller_key,
        coalesce(contacts.problem_code, '{{ var('unknown_code') }}') as problem_code,
        coalesce(
            street_codes.district_code, contacts.district_code, '{{ var('unknown_code') }}'
        ) as district_code,
        coalesce(contacts.district_code, '{{ var('unknown_code') }}') as reported_district_code,
        coalesce(
            street_codes.current_street_code, contacts.street_code, '{{ var('unknown_code') }}'
        ) as street_code,
        coalesce(contacts.street_code, '{{ var('unknown_code') }}') as reported_street_code,
        contacts.community,
        contacts.point,
        contacts.title,
        contacts.known_exclusion as exclusion,
        coalesce(exclusions.counts_in_volume, false) as is_in_volume,
        coalesce(exclusions.counts_in_assessment, false) as is_assessed,
        contacts.extract_date
    from contacts
    left join street_codes on contacts.street_code = street_codes.street_code
    left join exclusions on contacts.known_exclusion = exclusions.exclusion
)

select * from described
