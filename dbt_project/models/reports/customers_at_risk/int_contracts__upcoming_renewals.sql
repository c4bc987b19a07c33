-- Grain: one row per paid contract in force on the as-of date: when it ends or renews next
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

-- An open-ended contract billed by the year is decided on again each year; one billed by the month
-- or quarter has no such day.
dated as (
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

-- A later contract of the same line that takes over leaves nothing to renew.
succeeded as (
    select distinct dated.contract_id
    from dated
    inner join contracts
        on contracts.customer_key = dated.customer_key
        and contracts.contract_id <> dated.contract_id
        and contracts.contract_kind <> 'trial'
        and coalesce(contracts.product_category, '') = coalesce(dated.product_category, '')
        and contracts.start_date <= dated.end_date
        and contracts.start_date > dated.start_date
        and (contracts.end_date is null or contracts.end_date > dated.end_date)
),

final as (
    select
        dated.contract_id,
        dated.customer_key,
        dated.product,
        dated.product_category,
        dated.mrr_amount,
        dated.acv_amount,
        dated.next_renewal_date,
        case when dated.end_date is null then 'anniversary' else 'end' end as renewal_basis,
        {{ days_between('dated.as_of_date', 'dated.next_renewal_date') }} as days_to_renewal,
        dated.is_under_notice,
        succeeded.contract_id is not null as has_successor
    from dated
    left join succeeded
        on succeeded.contract_id = dated.contract_id
    where dated.next_renewal_date is not null
)

select * from final
