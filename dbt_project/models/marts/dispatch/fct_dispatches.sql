{{ config(
    materialized='view',
    meta={'affected_by': 'contact_id', 'affected_day': 'dispatched_on'}
) }}

with dispatches as (select * from {{ ref('core_dispatches') }}),

periods as (select period from {{ ref('core_periods') }}),

published as (
    select
        dispatches.dispatch_id, dispatches.contact_id, dispatches.sequence_no,
        dispatches.dispatch_no, dispatches.unit_code, dispatches.unit_type,
        dispatches.role, dispatches.route, dispatches.dispatched_at,
        dispatches.dispatched_on, periods.period, dispatches.accepted_at,
        dispatches.due_at, dispatches.policy_due_at, dispatches.effective_due_at,
        dispatches.closed_at, closing_periods.period as closing_period, dispatches.status,
        dispatches.return_reason, dispatches.is_hard_case, dispatches.urgency,
        dispatches.hours_to_accept, dispatches.working_hours_to_accept,
        dispatches.handling_hours, dispatches.handling_working_hours,
        dispatches.is_overdue, dispatches.has_reported, dispatches.problem_code,
        dispatches.district_code, dispatches.street_code, dispatches.exclusion,
        dispatches.is_final_owner, dispatches.next_dispatch_id, dispatches.final_unit_code,
        dispatches.quality_flags
    from dispatches
    left join periods on dispatches.period = periods.period
    left join periods as closing_periods on dispatches.closing_period = closing_periods.period
)

select * from published
