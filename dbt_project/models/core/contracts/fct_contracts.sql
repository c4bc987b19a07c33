-- Grain: one row per contract or subscription
with

contracts as (select * from {{ ref('int_contracts__enriched') }}),

original_terms as (select * from {{ ref('int_contracts__original_terms') }}),

price_periods as (select * from {{ ref('int_contracts__price_periods') }}),

cancel_reasons as (select * from {{ ref('cancel_reasons') }}),

final as (
    select
        contracts.contract_id,
        contracts.customer_key,
        contracts.product,
        contracts.product_category,
        contracts.contract_kind,
        contracts.signed_date,
        contracts.start_date,
        contracts.end_date,
        contracts.end_date_basis,
        contracts.notice_date,
        contracts.is_open,
        contracts.cancel_reason,
        case
            when contracts.end_date is null then null
            else coalesce(cancel_reasons.cancel_reason_category, 'unknown')
        end as cancel_reason_category,
        case
            when contracts.end_date is null then null
            else coalesce(contracts.is_voluntary, cancel_reasons.is_voluntary)
        end as is_voluntary,
        contracts.billing_period,
        contracts.recurring_amount as original_recurring_amount,
        contracts.currency,
        contracts.rate_to_reporting,
        contracts.mrr_amount,
        contracts.acv_amount,
        contracts.one_off_amount,
        contracts.term_months,
        contracts.months_in_force,
        original_terms.signed_term_months,
        -- A contract without a term is worth its first year: an endless one has no value. It was
        -- signed at its first price.
        cast(
            coalesce(original_terms.signed_term_months, 12) * price_periods.mrr_amount
            + contracts.one_off_amount as decimal(18, 4)
        ) as total_contract_value_amount,
        contracts.is_billed,
        contracts.billed_from_date
    from contracts
    inner join original_terms
        on original_terms.contract_id = contracts.contract_id
    inner join price_periods
        on price_periods.contract_id = contracts.contract_id
        and price_periods.period_number = 1
    left join cancel_reasons
        on cancel_reasons.cancel_reason
            = replace(replace({{ normalised('contracts.cancel_reason') }}, ' ', '_'), '-', '_')
)

select * from final
