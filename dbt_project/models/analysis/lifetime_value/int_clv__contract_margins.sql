-- Grain: one row per fit and customer with a paid contract in force: what a month of it leaves
with

months as (select * from {{ ref('int_clv__recent_months') }}),

terms as (select * from {{ ref('int_clv__contract_terms') }}),

-- Unknown if the rate of one contract's currency is: a part would pass for the whole.
now as (
    select
        fit,
        customer_key,
        case when count(*) = count(mrr_amount) then {{ money('sum(mrr_amount)') }} end as mrr_amount
    from terms
    where to_date > fit_date
    group by fit, customer_key
),

own as (
    select
        fit,
        customer_key,
        count(*) as month_count,
        {{ ratio('sum(contribution_amount)', 'sum(mrr_amount)') }} as contribution_rate
    from months
    where mrr_begin_amount > 0
    group by fit, customer_key
),

-- By customer first: months of one customer are not independent.
customers as (
    select
        fit,
        customer_key,
        sum(contribution_amount) as y,
        sum(mrr_amount) as x
    from months
    where mrr_amount > 0
    group by fit, customer_key
),

everybody as (
    select
        fit,
        {{ ratio('sum(y)', 'sum(x)') }} as contribution_rate,
        {{ rate_relative_error('y', 'x') }} as relative_error
    from customers
    group by fit
),

-- A whole year of its own, or what a unit of MRR leaves at all contract customers: a few months
-- know neither the yearly invoice nor the usual number of tickets.
final as (
    select
        now.fit,
        now.customer_key,
        case when own.month_count = 12 then 'own_year' else 'all_customers' end as margin_basis,
        {{ money('now.mrr_amount * case when own.month_count = 12 then own.contribution_rate'
            ~ ' else everybody.contribution_rate end') }} as margin_amount,
        -- Of a year of all of them together: one customer's own year has no second to compare with.
        everybody.relative_error as margin_relative_error
    from now
    left join own
        on own.fit = now.fit
        and own.customer_key = now.customer_key
    left join everybody
        on everybody.fit = now.fit
    where now.mrr_amount > 0
)

select * from final
