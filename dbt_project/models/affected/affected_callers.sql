-- Callers whose contacts are counted again: those of changed contacts, before and now.
with keys as (
    select * from {{ ref('affected_keys') }}
),

callers as (
    select distinct caller_key from keys
    where caller_key is not null
)

select * from callers
