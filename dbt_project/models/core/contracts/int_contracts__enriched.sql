-- Grain: one row per contract or subscription
with

contracts as (select * from {{ ref('stg_crm__contracts') }}),

transactions as (select * from {{ ref('stg_crm__transactions') }}),

customers as (select * from {{ ref('int_customer_identifiers__matched') }}),

rates as (select * from {{ ref('int_exchange_rates__daily') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

analyst_settings as (
    select
        setting_name,
        nullif(trim(setting_value), '') as setting_value
    from {{ ref('analyst_settings') }}
    where setting_name like 'contract_end_day%'
),

billed_contracts as (
    select
        transactions.contract_id,
        cast(min(
            {{ to_local('transactions.occurred_at', 'run_parameters.time_zone') }}
        ) as date) as first_bill_date
    from transactions
    cross join run_parameters
    where transactions.contract_id is not null
        and transactions.transaction_kind in ('sale', 'shipping')
    group by transactions.contract_id
),

-- Does a tool export the last day in force, or the first day after? Terms are agreed in whole
-- months: from 1 January to 31 December is the one, to 1 January the other. Where months are longer
-- than others (the 29th on) neither says anything, nor does an end by notice.
agreed_ends as (
    select
        source_system,
        count(*) as end_count,
        count(*) filter (
            where day(end_date + 1) = day(start_date) or end_date = last_day(end_date)
        ) as last_day_count
    from contracts
    where end_date > start_date
        and end_date < start_date + interval 50 year
        and cancelled_at is null
        and day(start_date) < 29
    group by source_system
),

source_systems as (select distinct source_system from contracts),

end_days as (
    select
        source_systems.source_system,
        case
            when coalesce(of_source.setting_value, of_all.setting_value) is not null
                then concat('declared_', coalesce(of_source.setting_value, of_all.setting_value))
            when agreed_ends.last_day_count >= 2
                and 2 * agreed_ends.last_day_count > agreed_ends.end_count then 'seen_last_day'
            else 'assumed_day_after'
        end as end_date_basis
    from source_systems
    left join agreed_ends
        on agreed_ends.source_system = source_systems.source_system
    left join analyst_settings as of_source
        on of_source.setting_name
            = concat('contract_end_day__', source_systems.source_system)
    left join analyst_settings as of_all
        on of_all.setting_name = 'contract_end_day'
),

-- Notice without an end date ends the contract: otherwise it would be in force for ever. A term of
-- more than fifty years is a stand-in for an open end, such as 9999-12-31.
local_dates as (
    select
        contracts.*,
        case
            when contracts.end_date >= contracts.start_date + interval 50 year then null
            when end_days.end_date_basis in ('declared_last_day', 'seen_last_day')
                then contracts.end_date + 1
            else contracts.end_date
        end as given_end_date,
        end_days.end_date_basis,
        {{ reference_key('contracts') }} as reference_key,
        cast({{ to_local('contracts.cancelled_at', 'run_parameters.time_zone') }} as date)
            as notice_date,
        run_parameters.as_of_date
    from contracts
    cross join run_parameters
    inner join end_days
        on end_days.source_system is not distinct from contracts.source_system
),

-- What a full extract lacks has ended by then.
effective_terms as (
    select
        *,
        greatest(
            least(coalesce(given_end_date, notice_date), gone_date),
            case
                when coalesce(given_end_date, notice_date, gone_date) is not null then start_date
            end
        ) as effective_end_date
    from local_dates
),

-- The months of a period; NULL where it is no number of months.
billing_terms as (
    select
        *,
        {{ billing_months('effective_terms') }} as billing_months
    from effective_terms
),

annualised as (
    select
        *,
        case
            when effective_end_date <= as_of_date then effective_end_date
            else as_of_date + 1
        end as observed_end_date,
        {{ annual_amount('billing_terms') }} as original_acv_amount,
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
        annualised.end_date_basis,
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
        annualised.billing_months,
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
        -- A bill may come at the end of its period, and a month late. One that comes later still is
        -- the first on record and not the first of all.
        case
            when billed_contracts.first_bill_date > annualised.start_date + interval 31 day
                + interval 1 month * cast(coalesce(
                    annualised.billing_months,
                    case when annualised.billing_period = 'week' then 1 end
                ) as int)
                then cast(date_trunc('month', billed_contracts.first_bill_date) as date)
            when billed_contracts.contract_id is not null then annualised.start_date
        end as billed_from_date,
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
