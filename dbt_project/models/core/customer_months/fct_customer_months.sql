-- Grain: one row per customer and month, from their first event to the as-of month
with

measured as (select * from {{ ref('int_customer_months__measures') }}),

settings as (
    select {{ setting('default_margin_rate', 'decimal(9, 6)') }} as default_margin_rate
    from {{ ref('analyst_settings') }}
),

-- One unknown cost makes the margin of the month unknown: a part of it would pass for the whole.
costed as (
    select
        measured.*,
        measured.billed_revenue_amount + measured.rateable_revenue_amount as gross_revenue_amount,
        case
            when measured.unknown_cost_count > 0 then null
            when measured.rateable_revenue_amount = 0 then measured.known_cost_of_sales_amount
            else measured.known_cost_of_sales_amount
                + {{ money('measured.rateable_revenue_amount'
                    ~ ' * (1 - settings.default_margin_rate)') }}
        end as cost_of_sales_amount
    from measured
    cross join settings
),

final as (
    select
        customer_key,
        month_date,
        is_closed_month,
        activity_rule,
        activity_evidence,
        inactivity_window_days,
        inactivity_window_rule,
        is_active_at_start,
        is_active_at_end,
        is_new,
        is_churned,
        is_reactivated,
        is_reclassified,
        cast(tenure_months as int) as tenure_months,
        cast(contract_count as int) as contract_count,
        case when has_revenue then mrr_begin_amount end as mrr_begin_contract_rate_amount,
        case when has_revenue then mrr_end_amount end as mrr_end_contract_rate_amount,
        {{ money('gross_revenue_amount') }} as gross_revenue_amount,
        case when has_revenue then rateable_revenue_amount end as rateable_revenue_amount,
        {{ money('refund_amount') }} as refund_amount,
        {{ money('gross_revenue_amount - refund_amount') }} as net_revenue_amount,
        {{ money('payment_amount') }} as payment_amount,
        {{ money('cost_of_sales_amount') }} as cost_of_sales_amount,
        {{ money('gross_revenue_amount - refund_amount - cost_of_sales_amount') }}
            as gross_margin_amount,
        cost_of_sales_amount is not null as is_margin_known,
        support_cost_amount,
        {{ money('programme_cost_amount') }} as programme_cost_amount,
        {{ money('unallocated_programme_cost_amount') }} as unallocated_programme_cost_amount,
        -- Support is no part of it where nobody records what it costs; else a month must know.
        case
            when support_cost_amount is not null or not has_support_cost then {{ money(
                'gross_revenue_amount - refund_amount - cost_of_sales_amount'
                ~ ' - coalesce(support_cost_amount, 0) - programme_cost_amount'
            ) }}
        end as contribution_amount,
        {{ money('acquisition_cost_amount') }} as acquisition_cost_amount,
        transaction_count,
        unconverted_transaction_count,
        ticket_count,
        interaction_count,
        product_use_count,
        survey_response_count
    from costed
)

select * from final
