-- Grain: one row per contract, the term it was signed for
with

versions as (select * from {{ ref('stg_crm__contract_versions') }}),

contracts as (select * from {{ ref('int_contracts__enriched') }}),

-- The first export shows what was agreed, before notice, upgrade or end. Its end is read as that
-- of the contract is: a last day in force is a day before the end, a far one none.
first_versions as (
    select
        versions.*,
        case
            when versions.end_date >= versions.start_date + interval 50 year then null
            when contracts.end_date_basis in ('declared_last_day', 'seen_last_day')
                then versions.end_date + 1
            else versions.end_date
        end as agreed_end_date,
        versions.cancelled_at is not null or versions.cancel_reason is not null
            or versions.is_voluntary is not null as is_cancelled,
        row_number() over (
            partition by versions.contract_id
            order by versions.extract_date
        ) as version_number
    from versions
    left join contracts
        on contracts.contract_id = versions.contract_id
),

followed_contracts as (
    select distinct
        one.contract_id
    from contracts as one
    inner join contracts as next
        on next.customer_key = one.customer_key
        and next.start_date = one.end_date
        and next.contract_id <> one.contract_id
    where one.customer_key <> 'unknown'
),

-- An end in the future without notice was agreed. An end in the past may be the day on which the
-- contract was cancelled or replaced, which says nothing of the term agreed.
final as (
    select
        first_versions.contract_id,
        case
            when first_versions.agreed_end_date > first_versions.start_date
                and not first_versions.is_cancelled
                and (
                    first_versions.agreed_end_date > first_versions.extract_date
                    or followed_contracts.contract_id is null
                )
                then cast({{ month_position('first_versions.agreed_end_date') }}
                    - {{ month_position('first_versions.start_date') }} as decimal(12, 6))
        end as signed_term_months
    from first_versions
    left join followed_contracts
        on followed_contracts.contract_id = first_versions.contract_id
    where first_versions.version_number = 1
)

select * from final
