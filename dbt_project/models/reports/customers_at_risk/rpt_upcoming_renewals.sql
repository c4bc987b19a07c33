-- Grain: one row per paid contract in force on the as-of date that is to end or renew
with

contracts as (select * from {{ ref('fct_contracts') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

in_force as (
    select
        contracts.*,
        run_parameters.as_of_date,
        year(run_parameters.as_of_date) - year(contracts.start_date) as years_run
    from contracts
    cross join run_parameters
    where contracts.is_open
        and contracts.contract_kind <> 'trial'
        and contracts.customer_key <> 'unknown'
),

-- An open-ended contract billed by the year renews on its anniversary; one billed by the month or
-- quarter has no renewal date.
renewal_dates as (
    select
        *,
        case
            when end_date is not null then end_date
            when billing_period = 'year' and cast(
                start_date + years_run * interval 1 year as date
            ) > as_of_date then cast(start_date + years_run * interval 1 year as date)
            when billing_period = 'year'
                then cast(start_date + (years_run + 1) * interval 1 year as date)
        end as next_renewal_date,
        notice_date is not null and notice_date <= as_of_date as is_under_notice
    from in_force
),

-- Where a later contract of the same product category takes over, nothing is left to renew.
successors as (
    select distinct renewal_dates.contract_id
    from renewal_dates
    inner join contracts
        on contracts.customer_key = renewal_dates.customer_key
        and contracts.contract_id <> renewal_dates.contract_id
        and contracts.contract_kind <> 'trial'
        and coalesce(contracts.product_category, '') = coalesce(renewal_dates.product_category, '')
        and contracts.start_date <= renewal_dates.end_date
        and contracts.start_date > renewal_dates.start_date
        and (contracts.end_date is null or contracts.end_date > renewal_dates.end_date)
),

final as (
    select
        renewal_dates.contract_id,
        renewal_dates.customer_key,
        renewal_dates.as_of_date,
        renewal_dates.product,
        renewal_dates.product_category,
        renewal_dates.mrr_amount,
        renewal_dates.acv_amount,
        renewal_dates.next_renewal_date,
        case when renewal_dates.end_date is null then 'anniversary' else 'end' end as renewal_basis,
        cast({{ days_between(
            'renewal_dates.as_of_date', 'renewal_dates.next_renewal_date'
        ) }} as integer) as days_to_renewal,
        renewal_dates.is_under_notice
    from renewal_dates
    left join successors
        on successors.contract_id = renewal_dates.contract_id
    where renewal_dates.next_renewal_date is not null
        and successors.contract_id is null
)

select * from final
