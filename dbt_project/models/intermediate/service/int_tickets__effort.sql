-- Grain: one row per ticket, the signs of effort it cost the customer
with

tickets as (select * from {{ ref('fct_tickets') }}),

-- Asking again within a week: the first answer did not settle it, whatever its status says.
signed as (
    select
        ticket_id,
        customer_key <> 'unknown' and coalesce({{ days_between(
            'lag(opened_date) over (partition by customer_key order by created_at, ticket_id)',
            'opened_date'
        ) }} <= 7, false) as is_repeat_contact,
        coalesce(reopen_count, 0) > 0 as is_reopened,
        coalesce(handoff_count, 0) > 0 as is_handed_off,
        coalesce(channel_switch_count, 0) > 0 as is_channel_switched,
        reopen_count is not null or handoff_count is not null as is_handling_known
    from tickets
),

final as (
    select
        *,
        is_repeat_contact or is_reopened or is_handed_off or is_channel_switched as is_high_effort
    from signed
)

select * from final
