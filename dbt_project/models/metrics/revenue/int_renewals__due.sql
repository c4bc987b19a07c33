-- Grain: one row per contract with a recurring amount and day it was due to be renewed
with

contracts as (
    select * from {{ ref('int_contracts__enriched') }}
    where customer_key <> 'unknown'
        and original_acv_amount > 0
        and coalesce(end_date > start_date, true)
),

original_terms as (select * from {{ ref('int_contracts__original_terms') }}),

successors as (select * from {{ ref('int_contracts__successors') }}),

rates as (select * from {{ ref('int_exchange_rates__monthly') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- One billed by the year without an agreed end is decided on again on each anniversary it lives to
-- see; one billed by the month or quarter has no such day.
due as (
    select
        contracts.contract_id,
        contracts.end_date as due_date,
        'end' as due_basis
    from contracts
    cross join run_parameters
    where contracts.end_date <= run_parameters.as_of_date

    union all

    select
        contracts.contract_id,
        cast({{ date_spine('contracts.start_date + interval 1 year',
            'least(contracts.end_date - 1, run_parameters.as_of_date)', 'year') }} as date)
            as due_date,
        'anniversary' as due_basis
    from contracts
    cross join run_parameters
    inner join original_terms
        on original_terms.contract_id = contracts.contract_id
    where contracts.billing_period = 'year'
        and original_terms.signed_term_months is null
),

-- Before and after at one rate, that of the first day of the month.
compared as (
    select
        due.contract_id,
        contracts.customer_key,
        due.due_date,
        due.due_basis,
        successor.contract_id as renewed_contract_id,
        contracts.original_acv_amount,
        successor.original_acv_amount as original_renewed_acv_amount,
        successor.currency <> contracts.currency as is_other_currency,
        {{ to_reporting('contracts.original_acv_amount', 'rates.rate_to_reporting') }}
            as acv_amount,
        {{ to_reporting('successor.original_acv_amount', 'next_rates.rate_to_reporting') }}
            as renewed_to_acv_amount,
        run_parameters.as_of_date
    from due
    cross join run_parameters
    inner join contracts
        on contracts.contract_id = due.contract_id
    left join successors
        on successors.contract_id = due.contract_id
    left join contracts as successor
        on successor.contract_id = case when due.due_basis = 'anniversary' then due.contract_id
            else successors.successor_contract_id end
    left join rates
        on rates.currency = contracts.currency
        and rates.month_date = date_trunc('month', due.due_date)
    left join rates as next_rates
        on next_rates.currency = successor.currency
        and next_rates.month_date = date_trunc('month', due.due_date)
),

final as (
    select
        contract_id,
        customer_key,
        due_date,
        due_basis,
        renewed_contract_id,
        acv_amount,
        renewed_to_acv_amount,
        case
            when renewed_contract_id is not null then 'renewed'
            when as_of_date < due_date + 30 then 'open'
            else 'lapsed'
        end as outcome,
        case sign(
            case when is_other_currency then renewed_to_acv_amount - acv_amount
                else original_renewed_acv_amount - original_acv_amount end
        )
            when 0 then 'same'
            when 1 then 'higher'
            when -1 then 'lower'
        end as price_change
    from compared
)

select * from final
