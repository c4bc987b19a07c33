-- Grain: one row per segmentation, segment, month of the start and closed month since
with

months as (select * from {{ ref('fct_customer_months') }}),

memberships as (select * from {{ ref('int_customer_segments__backdated') }}),

customers as (select * from {{ ref('dim_customers') }}),

-- The first active month of a customer, once it is closed, and the segments held then.
starts as (
    select
        months.customer_key,
        months.month_date as cohort_month_date,
        memberships.segmentation,
        memberships.segment,
        customers.acquisition_cost_amount
    from months
    inner join memberships
        on memberships.customer_key = months.customer_key
        and memberships.valid_from_date <= months.month_date
        and memberships.valid_to_date > months.month_date
    inner join customers
        on customers.customer_key = months.customer_key
    where months.tenure_months = 0
        and months.is_closed_month
        and memberships.segmentation in ('all', 'customer_kind', 'acquisition_channel')
),

-- What a customer brought in or cost before the start belongs to winning them: to month 0.
final as (
    select
        starts.segmentation,
        starts.segment,
        starts.cohort_month_date,
        cast(greatest(0, {{ month_boundaries('starts.cohort_month_date', 'months.month_date') }})
            as int) as months_since_start,
        count(*) filter (where months.month_date >= starts.cohort_month_date) as customer_count,
        count(*) filter (
            where months.month_date >= starts.cohort_month_date and months.is_active_at_end
        ) as retained_count,
        count(*) filter (where not months.is_margin_known) as unknown_margin_count,
        -- Not of the months before the start: nobody has bought then.
        count(*) filter (
            where months.month_date >= starts.cohort_month_date
            and months.contribution_amount is null
        ) as unknown_contribution_count,
        count(*) filter (where months.support_cost_amount is null) as unknown_support_cost_count,
        {{ money('sum(months.net_revenue_amount)') }} as net_revenue_amount,
        {{ money('coalesce(sum(months.gross_margin_amount), 0)') }} as gross_margin_amount,
        {{ money('coalesce(sum(months.contribution_amount), 0)') }} as contribution_amount,
        count(starts.acquisition_cost_amount)
            filter (where months.month_date >= starts.cohort_month_date)
            as acquisition_cost_known_count,
        {{ money(
            'coalesce(
                sum(starts.acquisition_cost_amount)
                    filter (where months.month_date >= starts.cohort_month_date), 0
            )'
        ) }} as acquisition_cost_amount
    from starts
    inner join months
        on months.customer_key = starts.customer_key
    where months.is_closed_month
    group by 1, 2, 3, 4
)

select * from final
