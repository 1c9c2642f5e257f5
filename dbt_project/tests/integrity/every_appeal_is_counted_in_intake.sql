with days as (
    select * from {{ ref('rpt_intake_daily') }}
    {{ only_checked('on_date', 'received_on') }}
),

intake as (
    select
        received_on,
        sum(contacts) as appeals
    from days
    where order_type = 'appeal'
    group by received_on
),

facts as (
    select
        received_on,
        count(*) as appeals
    from {{ ref('fct_appeals') }}
    {{ only_checked('on_date', 'received_on') }}
    group by received_on
),

differences as (
    select coalesce(intake.received_on, facts.received_on) as received_on
    from intake
    full outer join facts on intake.received_on = facts.received_on
    where coalesce(intake.appeals, 0) <> coalesce(facts.appeals, 0)
)

select * from differences
