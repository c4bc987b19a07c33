-- Grain: one row per customer and month, from their first event to the as-of month
with

activity as (select * from {{ ref('int_customer_months__activity') }}),

contracts as (select * from {{ ref('int_contracts__by_customer_month') }}),

transactions as (select * from {{ ref('int_transactions__by_customer_month') }}),

interactions as (select * from {{ ref('int_interactions__by_customer_month') }}),

programme_costs as (select * from {{ ref('int_programme_costs__by_customer') }}),

support_costs as (select * from {{ ref('int_support_costs__by_ticket') }}),

customers as (select * from {{ ref('int_customers__golden_record') }}),

records as (select * from {{ ref('int_data_coverage') }}),

settings as (select * from {{ ref('int_settings') }}),

monthly_programme_costs as (
    select
        customer_key,
        month_date,
        {{ money('sum(programme_cost_amount)') }} as programme_cost_amount,
        {{ money("sum(programme_cost_amount) filter (where allocation_rule = 'nobody_enrolled')") }}
            as unallocated_programme_cost_amount
    from programme_costs
    group by 1, 2
),

monthly_support_costs as (
    select
        customer_key,
        month_date,
        {{ money('sum(support_cost_amount)') }} as support_cost_amount
    from support_costs
    group by 1, 2
),

-- In a month with neither ledger nor rate the cost of support is not known, which is not 0.
support_months as (select distinct month_date from support_costs),

measures as (
    select
        activity.*,
        records.has_revenue,
        records.has_support_cost,
        cast(
            activity.rateable_mrr_begin_amount
                * day(activity.end_date) / cast(day(last_day(activity.month_date)) as double)
            + coalesce(contracts.rateable_rest_amount + contracts.one_off_amount, 0)
            as decimal(18, 4)
        ) as rateable_revenue_amount,
        case when records.has_revenue then coalesce(transactions.gross_revenue_amount, 0) end
            as billed_revenue_amount,
        {%- for column in [
            'refund_amount', 'payment_amount', 'known_cost_of_sales_amount', 'transaction_count',
        ] %}
        case when records.has_revenue then coalesce(transactions.{{ column }}, 0) end
            as {{ column }},
        {%- endfor %}
        coalesce(transactions.unknown_cost_count, 0) as unknown_cost_count,
        coalesce(transactions.unconverted_transaction_count, 0) as unconverted_transaction_count,
        coalesce(interactions.interaction_count, 0) as interaction_count,
        {%- for column, kind in {
            'ticket_count': 'ticket', 'product_use_count': 'use',
            'survey_response_count': 'answer',
        }.items() %}
        case when {{ is_on_record(kind, 'activity.month_date') }}
            then coalesce(interactions.{{ column }}, 0) end as {{ column }},
        {%- endfor %}
        case
            when support_months.month_date is not null
                then coalesce(monthly_support_costs.support_cost_amount, 0)
        end as support_cost_amount,
        coalesce(monthly_programme_costs.programme_cost_amount, 0) as programme_cost_amount,
        coalesce(monthly_programme_costs.unallocated_programme_cost_amount, 0)
            as unallocated_programme_cost_amount,
        -- The unknown member was not acquired; of a customer, NULL is a cost nobody recorded.
        case
            when activity.month_date = activity.first_month_date
                and activity.customer_key <> 'unknown'
                then customers.acquisition_cost_amount
            else 0
        end as acquisition_cost_amount
    from activity
    cross join records
    left join contracts
        on contracts.customer_key = activity.customer_key
        and contracts.month_date = activity.month_date
    left join transactions
        on transactions.customer_key = activity.customer_key
        and transactions.month_date = activity.month_date
    left join interactions
        on interactions.customer_key = activity.customer_key
        and interactions.month_date = activity.month_date
    left join monthly_programme_costs
        on monthly_programme_costs.customer_key = activity.customer_key
        and monthly_programme_costs.month_date = activity.month_date
    left join support_months
        on support_months.month_date = activity.month_date
    left join monthly_support_costs
        on monthly_support_costs.customer_key = activity.customer_key
        and monthly_support_costs.month_date = activity.month_date
    left join customers
        on customers.customer_key = activity.customer_key
),

-- One unknown cost makes the margin of the month unknown: a part of it would pass for the whole.
margins as (
    select
        measures.*,
        measures.billed_revenue_amount + measures.rateable_revenue_amount as gross_revenue_amount,
        case
            when measures.unknown_cost_count > 0 then null
            when measures.rateable_revenue_amount = 0 then measures.known_cost_of_sales_amount
            else measures.known_cost_of_sales_amount + cast(
                measures.rateable_revenue_amount * (1 - settings.default_margin_rate)
                as decimal(18, 4)
            )
        end as cost_of_sales_amount
    from measures
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
            when support_cost_amount is not null or not has_support_cost then cast(
                gross_revenue_amount - refund_amount - cost_of_sales_amount
                - coalesce(support_cost_amount, 0) - programme_cost_amount as decimal(18, 4)
            )
        end as contribution_amount,
        {{ money('acquisition_cost_amount') }} as acquisition_cost_amount,
        transaction_count,
        unconverted_transaction_count,
        ticket_count,
        interaction_count,
        product_use_count,
        survey_response_count
    from margins
)

select * from final
