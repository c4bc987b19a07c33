-- Grain: one row per segmentation, segment, period kind and closed period
with

totals as (select * from {{ ref('int_customer_periods__totals') }}),

balances as (select * from {{ ref('int_customer_periods__balances') }}),

records as (select * from {{ ref('int_data_coverage') }}),

memberships as (select * from {{ ref('int_customer_segments__backdated') }}),

-- Numerator `_y` and denominator `_x` of each ratio, customer by customer. What is not known of a
-- customer is NULL and makes the metric of its segment NULL.
terms as (
    select
        totals.customer_key,
        totals.period_kind,
        totals.period_date,
        balances.month_at_start_count,
        balances.month_lost_count,
        totals.net_revenue_amount as net_revenue_per_customer_y,
        balances.active_count as net_revenue_per_customer_x,
        case when totals.is_margin_known then totals.gross_margin_amount end
            as gross_margin_per_customer_y,
        balances.active_count as gross_margin_per_customer_x,
        case when totals.support_cost_unknown_month_count = 0 then totals.support_cost_amount end
            as support_cost_per_customer_y,
        balances.active_count as support_cost_per_customer_x,
        case
            when totals.is_margin_known
                and (totals.support_cost_unknown_month_count = 0 or not records.has_support_cost)
                then totals.gross_margin_amount - totals.acquisition_cost_amount
                    - coalesce(totals.support_cost_amount, 0) - totals.programme_cost_amount
        end as customer_roi_y,
        totals.acquisition_cost_amount + coalesce(totals.support_cost_amount, 0)
            + totals.programme_cost_amount as customer_roi_x,
        case when totals.is_margin_known then totals.gross_margin_amount end
            as margin_per_active_month_y,
        balances.active_month_count as margin_per_active_month_x,
        balances.historic_clv_amount as historic_clv_y,
        balances.begun_count as historic_clv_x,
        totals.gross_revenue_amount - totals.rateable_revenue_amount
            as average_transaction_gross_y,
        totals.transaction_count as average_transaction_gross_x,
        totals.deal_value_amount as average_deal_size_y,
        totals.deal_count as average_deal_size_x,
        totals.new_contract_value_amount as average_contract_value_y,
        totals.new_contract_customer_count as average_contract_value_x,
        least(balances.mrr_begin_amount, balances.mrr_end_amount) as grr_rate_y,
        balances.mrr_begin_amount as grr_rate_x,
        case when balances.mrr_begin_amount > 0 then balances.mrr_end_amount else 0 end
            as nrr_rate_y,
        balances.mrr_begin_amount as nrr_rate_x,
        case when {{ is_on_record('ticket', 'totals.period_date') }}
            then balances.first_reply_minutes end as first_reply_time_y,
        balances.replied_ticket_count as first_reply_time_x,
        balances.active_day_count * balances.active_count as active_days_per_customer_y,
        balances.active_count as active_days_per_customer_x
    from totals
    cross join records
    inner join balances
        on balances.customer_key = totals.customer_key
        and balances.period_kind = totals.period_kind
        and balances.period_date = totals.period_date
),

-- Squares, products and what is counted here, where there is one row for all segmentations. Their
-- scale is fixed, so that sums of them are the same in whatever order.
squared as (
    select
        customer_key,
        period_kind,
        period_date,
        month_at_start_count,
        month_lost_count
        {%- for metric in ratio_metrics() %},
        cast({{ metric }}_y as decimal(18, 4)) as {{ metric }}_y,
        cast({{ metric }}_x as decimal(18, 4)) as {{ metric }}_x,
        cast(coalesce({{ metric }}_y, 0) <> 0 or coalesce({{ metric }}_x, 0) <> 0 as integer)
            as {{ metric }}_n,
        cast({{ metric }}_y is null as integer) as {{ metric }}_unknown,
        cast(cast({{ metric }}_y as double) * cast({{ metric }}_y as double) as decimal(28, 4))
            as {{ metric }}_yy,
        cast(cast({{ metric }}_x as double) * cast({{ metric }}_y as double) as decimal(28, 4))
            as {{ metric }}_xy,
        cast(cast({{ metric }}_x as double) * cast({{ metric }}_x as double) as decimal(28, 4))
            as {{ metric }}_xx
        {%- endfor %}
    from terms
),

-- Sums from which a ratio of sums and its standard error follow.
final as (
    select
        memberships.segmentation,
        memberships.segment,
        squared.period_kind,
        squared.period_date,
        cast(sum(squared.month_at_start_count) as bigint) as month_at_start_count,
        cast(sum(squared.month_lost_count) as bigint) as month_lost_count
        {%- for metric in ratio_metrics() %},
        cast(sum(squared.{{ metric }}_n) as bigint) as {{ metric }}_n,
        cast(sum(squared.{{ metric }}_unknown) as bigint) as {{ metric }}_unknown,
        cast(sum(squared.{{ metric }}_y) as double) as {{ metric }}_y,
        cast(sum(squared.{{ metric }}_x) as double) as {{ metric }}_x,
        cast(sum(squared.{{ metric }}_yy) as double) as {{ metric }}_yy,
        cast(sum(squared.{{ metric }}_xy) as double) as {{ metric }}_xy,
        cast(sum(squared.{{ metric }}_xx) as double) as {{ metric }}_xx
        {%- endfor %}
    from squared
    inner join memberships
        on memberships.customer_key = squared.customer_key
        and memberships.valid_from_date <= squared.period_date
        and memberships.valid_to_date > squared.period_date
    group by 1, 2, 3, 4
)

select * from final
