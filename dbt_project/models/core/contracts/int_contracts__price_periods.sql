-- Grain: one row per contract and stretch of days at one price of one product
with

contracts as (select * from {{ ref('int_contracts__enriched') }}),

versions as (select * from {{ ref('stg_crm__contract_versions') }}),

rates as (select * from {{ ref('int_exchange_rates__daily') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

priced_versions as (
    select
        versions.*,
        {{ annual_amount('versions') }} as original_acv_amount
    from versions
),

versions_with_terms as (
    select
        *,
        concat_ws(
            '|', contract_kind, coalesce(product, ''), coalesce(product_category, ''), currency,
            cast(original_acv_amount as varchar(20))
        ) as terms
    from priced_versions
),

compared_versions as (
    select
        *,
        lag(extract_date) over (partition by contract_id order by extract_date)
            as earlier_extract_date,
        lag(terms) over (partition by contract_id order by extract_date) as earlier_terms
    from versions_with_terms
),

-- The first price on record is that of all days before it. A later one holds from the day the tool
-- changed the record, if that lies between the two extracts, or from the extract that shows it.
dated_changes as (
    select
        changes.contract_id,
        changes.contract_kind,
        changes.product,
        changes.product_category,
        changes.currency,
        changes.original_acv_amount,
        changes.extract_date,
        contracts.start_date,
        contracts.end_date,
        coalesce(contracts.end_date, date '9999-12-31') as last_date,
        -- Days after it are not over, or are recognised from what the contract bills.
        least(
            run_parameters.as_of_date + 1,
            case when contracts.is_billed then contracts.billed_from_date end
        ) as last_earning_date,
        row_number() over (
            partition by changes.contract_id
            order by changes.extract_date desc
        ) = 1 as is_last_change,
        case
            when changes.earlier_extract_date is null then contracts.start_date
            when cast({{ to_local('changes.updated_at', 'run_parameters.time_zone') }} as date)
                between changes.earlier_extract_date and changes.extract_date
                then cast(
                    {{ to_local('changes.updated_at', 'run_parameters.time_zone') }} as date
                )
            else changes.extract_date
        end as change_date
    from compared_versions as changes
    cross join run_parameters
    inner join contracts
        on contracts.contract_id = changes.contract_id
    where changes.terms is distinct from changes.earlier_terms
),

periods as (
    select
        *,
        least(greatest(change_date, start_date), last_date) as from_date,
        coalesce(
            lead(least(greatest(change_date, start_date), last_date)) over (
                partition by contract_id
                order by extract_date
            ),
            end_date
        ) as to_date
    from dated_changes
),

-- A contract that was never in force keeps one row, as it has one among contracts.
with_days as (
    select
        *,
        least(to_date, last_earning_date) as earning_end_date,
        row_number() over (partition by contract_id order by extract_date) as period_number,
        row_number() over (partition by contract_id order by extract_date desc) as number_from_last
    from periods
    where coalesce(to_date > from_date, true)
        or (start_date = end_date and is_last_change)
),

final as (
    select
        with_days.contract_id,
        with_days.period_number,
        with_days.number_from_last = 1 as is_last_period,
        contracts.customer_key,
        with_days.contract_kind,
        with_days.product,
        with_days.product_category,
        with_days.currency,
        with_days.from_date,
        with_days.to_date,
        with_days.original_acv_amount,
        {{ money('with_days.original_acv_amount / cast(12 as double)') }} as original_mrr_amount,
        {{ to_reporting(money('with_days.original_acv_amount / cast(12 as double)'),
            'rates.rate_to_reporting') }} as mrr_amount,
        case when with_days.period_number = 1 then contracts.one_off_amount else 0 end
            as one_off_amount,
        contracts.is_billed,
        contracts.billed_from_date,
        cast(greatest({{ month_position('with_days.earning_end_date') }}
            - {{ month_position('with_days.from_date') }}, 0) as decimal(12, 6)) as rateable_months
    from with_days
    inner join contracts
        on contracts.contract_id = with_days.contract_id
    left join rates
        on rates.currency = with_days.currency
        and rates.valid_from <= with_days.start_date
        and rates.valid_to > with_days.start_date
)

select * from final
