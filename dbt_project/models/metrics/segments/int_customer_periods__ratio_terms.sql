-- Grain: one row per customer_key, period kind and closed period; `_y` over `_x` is a metric
with

summed as (select * from {{ ref('int_customer_periods__totals') }}),

observed as (select * from {{ ref('int_customer_periods__balances') }}),

records as (select * from {{ ref('int_data_coverage') }}),

-- What is not known of a customer is NULL and makes the metric of its segment NULL.
paired as (
    select
        summed.customer_key,
        summed.period_kind,
        summed.period_date,
        observed.month_at_start_count,
        observed.month_lost_count,
        summed.net_revenue_amount as net_revenue_per_customer_y,
        observed.active_count as net_revenue_per_customer_x,
        case when summed.is_margin_known then summed.gross_margin_amount end
            as gross_margin_per_customer_y,
        observed.active_count as gross_margin_per_customer_x,
        case when summed.support_cost_unknown_month_count = 0 then summed.support_cost_amount end
            as support_cost_per_customer_y,
        observed.active_count as support_cost_per_customer_x,
        case
            when summed.is_margin_known
                and (summed.support_cost_unknown_month_count = 0 or not records.has_support_cost)
                then summed.gross_margin_amount - summed.acquisition_cost_amount
                    - coalesce(summed.support_cost_amount, 0) - summed.programme_cost_amount
        end as customer_roi_y,
        summed.acquisition_cost_amount + coalesce(summed.support_cost_amount, 0)
            + summed.programme_cost_amount as customer_roi_x,
        case when summed.is_margin_known then summed.gross_margin_amount end
            as margin_per_active_month_y,
        observed.active_month_count as margin_per_active_month_x,
        observed.historic_clv_amount as historic_clv_y,
        observed.begun_count as historic_clv_x,
        summed.gross_revenue_amount - summed.rateable_revenue_amount
            as average_transaction_gross_y,
        summed.transaction_count as average_transaction_gross_x,
        summed.deal_value_amount as average_deal_size_y,
        summed.deal_count as average_deal_size_x,
        summed.new_contract_value_amount as average_contract_value_y,
        summed.new_contract_customer_count as average_contract_value_x,
        least(observed.mrr_begin_amount, observed.mrr_end_amount) as grr_rate_y,
        observed.mrr_begin_amount as grr_rate_x,
        case when observed.mrr_begin_amount > 0 then observed.mrr_end_amount else 0 end
            as nrr_rate_y,
        observed.mrr_begin_amount as nrr_rate_x,
        case when {{ is_on_record('ticket', 'summed.period_date') }}
            then observed.first_reply_minutes end as first_reply_time_y,
        observed.replied_ticket_count as first_reply_time_x,
        observed.active_day_count * observed.active_count as active_days_per_customer_y,
        observed.active_count as active_days_per_customer_x
    from summed
    cross join records
    inner join observed
        on observed.customer_key = summed.customer_key
        and observed.period_kind = summed.period_kind
        and observed.period_date = summed.period_date
),

-- Squares and products here, where there is one row for all segmentations.
final as (
    select
        customer_key,
        period_kind,
        period_date,
        month_at_start_count,
        month_lost_count
        {%- for metric in ratio_metrics() %},
        cast({{ metric }}_y as decimal(18, 4)) as {{ metric }}_y,
        cast({{ metric }}_x as decimal(18, 4)) as {{ metric }}_x,
        {{ exact_product(metric ~ '_y', metric ~ '_y') }} as {{ metric }}_yy,
        {{ exact_product(metric ~ '_x', metric ~ '_y') }} as {{ metric }}_xy,
        {{ exact_product(metric ~ '_x', metric ~ '_x') }} as {{ metric }}_xx
        {%- endfor %}
    from paired
)

select * from final
