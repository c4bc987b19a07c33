-- Grain: one row per contract, the term it was signed for
with

versions as (select * from {{ ref('stg_crm__contract_versions') }}),

valued as (select * from {{ ref('int_contracts__enriched') }}),

-- As it was first exported: what was agreed, before anything came of it.
firsts as (
    select
        *,
        cancelled_at is not null or cancel_reason is not null or is_voluntary is not null
            as is_cancelled,
        row_number() over (partition by contract_id order by extract_date) as version_number
    from versions
),

followed as (
    select distinct
        one.contract_id
    from valued as one
    inner join valued as next
        on next.customer_key = one.customer_key
        and next.start_date = one.end_date
        and next.contract_id <> one.contract_id
    where one.customer_key <> 'unknown'
),

-- An end that was still to come without notice was agreed. One that had come already may be when
-- the contract was cancelled or gave way to another, and then says nothing of what was agreed.
final as (
    select
        firsts.contract_id,
        case
            when firsts.end_date > firsts.start_date
                and not firsts.is_cancelled
                and (firsts.end_date > firsts.extract_date or followed.contract_id is null)
                then cast({{ month_position('firsts.end_date') }}
                    - {{ month_position('firsts.start_date') }} as decimal(12, 6))
        end as signed_term_months
    from firsts
    left join followed
        on followed.contract_id = firsts.contract_id
    where firsts.version_number = 1
)

select * from final
