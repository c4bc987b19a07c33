-- Grain: one row per customer_key, its return on what was invested and its value
with

investments as (select * from {{ ref('int_customers__investments') }}),

customers as (select * from {{ ref('dim_customers') }}),

lifetimes as (select * from {{ ref('int_expected_lifetimes__by_customer_kind') }}),

contracts as (select * from {{ ref('fct_contracts') }}),

records as (select * from {{ ref('int_data_coverage') }}),

signed_contracts as (
    select
        contracts.customer_key,
        count(*) as signed_contract_count,
        {{ money('sum(contracts.acv_amount)') }} as signed_acv_amount
    from contracts
    inner join investments
        on investments.customer_key = contracts.customer_key
    where contracts.contract_kind <> 'trial'
        and contracts.acv_amount is not null
        and coalesce(contracts.signed_date, contracts.start_date) <= investments.as_of_date
    group by contracts.customer_key
),

-- A cost nobody recorded adds nothing, and the flags say so. Return and ROI need the support cost
-- of the whole time: beside the little that is invested, what is left out would multiply them.
totalled as (
    select
        investments.*
        {%- for horizon in ['12m', 'lifetime'] %},
        cast(
            coalesce(investments.acquisition_cost_{{ horizon }}_amount, 0)
            + coalesce(investments.support_cost_{{ horizon }}_amount, 0)
            + coalesce(investments.programme_cost_{{ horizon }}_amount, 0) as decimal(18, 4)
        ) as invested_{{ horizon }}_amount,
        case
            when investments.support_cost_unknown_month_{{ horizon }}_count = 0
                or not records.has_support_cost
                then investments.gross_margin_{{ horizon }}_amount
        end as return_margin_{{ horizon }}_amount,
        investments.support_cost_unknown_month_{{ horizon }}_count = 0
            as is_support_cost_known_{{ horizon }}
        {%- endfor %},
        records.has_revenue,
        records.has_support_cost as is_support_cost_recorded,
        gross_revenue_12m_amount - rateable_revenue_12m_amount as billed_revenue_12m_amount
    from investments
    cross join records
),

final as (
    select
        totalled.customer_key,
        totalled.as_of_date,
        customers.customer_kind,
        customers.lifecycle,
        totalled.is_active,
        totalled.tenure_months,
        case when not totalled.is_active then totalled.last_churned_month_date end
            as churned_month_date,
        case when not totalled.is_active then cast(
            {{ month_boundaries('totalled.last_churned_month_date', 'totalled.as_of_date') }}
            as integer
        ) end as months_since_churn,
        {%- for horizon in ['12m', 'lifetime'] %}
        totalled.net_revenue_{{ horizon }}_amount,
        totalled.gross_margin_{{ horizon }}_amount,
        totalled.acquisition_cost_{{ horizon }}_amount,
        totalled.support_cost_{{ horizon }}_amount,
        totalled.programme_cost_{{ horizon }}_amount,
        totalled.invested_{{ horizon }}_amount,
        cast(
            totalled.return_margin_{{ horizon }}_amount - totalled.invested_{{ horizon }}_amount
            as decimal(18, 4)
        ) as return_{{ horizon }}_amount,
        cast(
            totalled.return_margin_{{ horizon }}_amount - totalled.invested_{{ horizon }}_amount
            as double
        ) / nullif(totalled.invested_{{ horizon }}_amount, 0) as customer_roi_{{ horizon }},
        totalled.is_support_cost_known_{{ horizon }},
        {%- endfor %}
        customers.acquisition_cost_amount is not null as is_acquisition_cost_known,
        totalled.is_support_cost_recorded,
        totalled.support_cost_unknown_month_lifetime_count as support_cost_unknown_month_count,
        -- What belongs to nobody is nobody's value.
        case when totalled.customer_key <> 'unknown' then {{ money(
            'totalled.gross_margin_lifetime_amount
            - coalesce(totalled.support_cost_lifetime_amount, 0)
            - coalesce(totalled.programme_cost_lifetime_amount, 0)'
        ) }}
        end as historic_clv_amount,
        totalled.active_month_12m_count,
        {{ money(ratio('totalled.gross_margin_12m_amount', 'totalled.active_month_12m_count')) }}
            as margin_per_active_month_amount,
        lifetimes.monthly_churn_rate as kind_monthly_churn_rate,
        lifetimes.average_lifetime_months,
        -- Whoever has left has no life to come at the rate of the months before.
        case when totalled.is_active then cast(
            {{ ratio('totalled.gross_margin_12m_amount', 'totalled.active_month_12m_count') }}
            * lifetimes.average_lifetime_months as decimal(18, 4)
        ) end as simple_clv_amount,
        case when totalled.has_revenue then totalled.transaction_12m_count end
            as transaction_12m_count,
        {{ money('totalled.billed_revenue_12m_amount') }} as billed_revenue_12m_amount,
        totalled.refund_12m_amount,
        {{ money(ratio('totalled.billed_revenue_12m_amount', 'totalled.transaction_12m_count')) }}
            as average_transaction_gross_amount,
        {{ money(ratio('totalled.billed_revenue_12m_amount - totalled.refund_12m_amount',
            'totalled.transaction_12m_count')) }} as average_transaction_net_amount,
        case when totalled.has_revenue then coalesce(signed_contracts.signed_contract_count, 0) end
            as signed_contract_count,
        signed_contracts.signed_acv_amount,
        {{ money(ratio(
            'signed_contracts.signed_acv_amount', 'signed_contracts.signed_contract_count'
        )) }} as average_acv_amount
    from totalled
    inner join customers
        on customers.customer_key = totalled.customer_key
    left join lifetimes
        on lifetimes.customer_kind = customers.customer_kind
    left join signed_contracts
        on signed_contracts.customer_key = totalled.customer_key
)

select * from final
