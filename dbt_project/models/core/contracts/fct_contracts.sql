-- Grain: one row per contract or subscription
with

valued as (select * from {{ ref('int_contracts__enriched') }}),

signed as (select * from {{ ref('int_contracts__original_terms') }}),

cancel_reasons as (select * from {{ ref('cancel_reasons') }}),

final as (
    select
        valued.contract_id,
        valued.customer_key,
        valued.product,
        valued.product_category,
        valued.contract_kind,
        valued.signed_date,
        valued.start_date,
        valued.end_date,
        valued.notice_date,
        valued.is_open,
        valued.cancel_reason,
        case
            when valued.end_date is null then null
            else coalesce(cancel_reasons.cancel_reason_category, 'unknown')
        end as cancel_reason_category,
        case
            when valued.end_date is null then null
            else coalesce(valued.is_voluntary, cancel_reasons.is_voluntary)
        end as is_voluntary,
        valued.billing_period,
        valued.recurring_amount as original_recurring_amount,
        valued.currency,
        valued.rate_to_reporting,
        valued.mrr_amount,
        valued.acv_amount,
        valued.one_off_amount,
        valued.term_months,
        valued.months_in_force,
        signed.signed_term_months,
        -- A contract without a term is worth its first year: an endless one has no value.
        {{ money('coalesce(signed.signed_term_months, 12) * valued.mrr_amount'
            ~ ' + valued.one_off_amount') }} as total_contract_value_amount,
        valued.is_billed
    from valued
    inner join signed
        on signed.contract_id = valued.contract_id
    left join cancel_reasons
        on cancel_reasons.cancel_reason
            = replace(replace({{ normalised('valued.cancel_reason') }}, ' ', '_'), '-', '_')
)

select * from final
