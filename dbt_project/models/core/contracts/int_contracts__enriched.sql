-- Grain: one row per contract or subscription
with

contracts as (select * from {{ ref('stg_crm__contracts') }}),

transactions as (select * from {{ ref('stg_crm__transactions') }}),

customers as (select * from {{ ref('int_customer_identifiers__matched') }}),

rates as (select * from {{ ref('int_exchange_rates__daily') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

billed_contracts as (
    select distinct contract_id
    from transactions
    where contract_id is not null
        and transaction_kind in ('sale', 'shipping')
),

-- Notice without an end date ends the contract: otherwise it would be in force for ever.
local_dates as (
    select
        contracts.*,
        {{ reference_key('contracts') }} as reference_key,
        cast({{ to_local('contracts.cancelled_at', 'run_parameters.time_zone') }} as date)
            as notice_date,
        run_parameters.as_of_date
    from contracts
    cross join run_parameters
),

effective_terms as (
    select
        *,
        case
            when coalesce(end_date, notice_date) < start_date then start_date
            else coalesce(end_date, notice_date)
        end as effective_end_date
    from local_dates
),

-- The months of a period; NULL where it is no number of months.
billing_terms as (
    select
        *,
        coalesce(billing_period_count, 1) * case billing_period
            when 'month' then 1
            when 'quarter' then 3
            when 'half_year' then 6
            when 'year' then 12
        end as billing_months
    from effective_terms
),

annualised as (
    select
        *,
        case
            when effective_end_date <= as_of_date then effective_end_date
            else as_of_date + 1
        end as observed_end_date,
        case
            when contract_kind = 'trial' then 0
            -- A year has 365.25 / 7 weeks: a thirteenth of four weeks is no month.
            when billing_period = 'week' then {{ money(
                'recurring_amount * 365.25 / 7 / coalesce(billing_period_count, 1)') }}
            when billing_months is not null
                then {{ money('recurring_amount * cast(12 as double) / billing_months') }}
            else 0
        end as original_acv_amount,
        case when contract_kind = 'trial' then 0 else coalesce(one_off_amount, 0) end
            + case
                when billing_period = 'once' and contract_kind <> 'trial' then recurring_amount
                else 0
            end as original_one_off_amount
    from billing_terms
),

-- One rate for the whole contract, that of its first day: MRR moves with prices, not with rates.
final as (
    select
        annualised.contract_id,
        coalesce(customers.customer_key, 'unknown') as customer_key,
        annualised.product,
        annualised.product_category,
        annualised.contract_kind,
        coalesce(annualised.signed_date, annualised.start_date) as signed_date,
        annualised.start_date,
        annualised.effective_end_date as end_date,
        annualised.notice_date,
        annualised.cancel_reason,
        annualised.is_voluntary,
        case annualised.billing_months
            when 1 then 'month'
            when 3 then 'quarter'
            when 6 then 'half_year'
            when 12 then 'year'
            when 24 then 'two_years'
            else if(annualised.billing_months is null, annualised.billing_period, 'other')
        end as billing_period,
        annualised.recurring_amount,
        annualised.currency,
        rates.rate_to_reporting,
        {{ money('annualised.original_acv_amount') }} as original_acv_amount,
        {{ money('annualised.original_acv_amount / cast(12 as double)') }} as original_mrr_amount,
        {{ to_reporting('annualised.original_acv_amount', 'rates.rate_to_reporting') }}
            as acv_amount,
        {{ to_reporting(money('annualised.original_acv_amount / cast(12 as double)'),
            'rates.rate_to_reporting') }} as mrr_amount,
        {{ to_reporting(money('annualised.original_one_off_amount'), 'rates.rate_to_reporting') }}
            as one_off_amount,
        billed_contracts.contract_id is not null as is_billed,
        annualised.start_date <= annualised.as_of_date
            and (annualised.effective_end_date is null
                or annualised.effective_end_date > annualised.as_of_date) as is_open,
        cast({{ month_position('annualised.effective_end_date') }}
            - {{ month_position('annualised.start_date') }} as decimal(12, 6)) as term_months,
        cast(greatest(
            {{ month_position('annualised.observed_end_date') }}
                - {{ month_position('annualised.start_date') }}, 0
        ) as decimal(12, 6)) as months_in_force
    from annualised
    left join customers
        on customers.reference_key = annualised.reference_key
    left join rates
        on rates.currency = annualised.currency
        and rates.valid_from <= annualised.start_date
        and rates.valid_to > annualised.start_date
    left join billed_contracts
        on billed_contracts.contract_id = annualised.contract_id
)

select * from final
