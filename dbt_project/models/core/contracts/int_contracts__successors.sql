-- Grain: one row per contract that ended and the one contract that took its place
with

contracts as (select * from {{ ref('int_contracts__enriched') }}),

paid_contracts as (
    select
        *,
        coalesce(product_category, product, 'unknown') as product_line
    from contracts
    where customer_key <> 'unknown'
        and original_acv_amount > 0
        and coalesce(end_date > start_date, true)
),

-- Same customer and product line, begun on the day the contract ended or up to 30 days later: a
-- renewal may be signed a month late.
candidates as (
    select
        ended.contract_id,
        next.contract_id as successor_contract_id,
        next.start_date as successor_start_date,
        row_number() over (
            partition by ended.contract_id
            order by ended.product is distinct from next.product, next.start_date, next.contract_id
        ) as successor_rank,
        row_number() over (
            partition by next.contract_id
            order by ended.product is distinct from next.product, ended.end_date desc,
                ended.contract_id
        ) as contract_rank
    from paid_contracts as ended
    inner join paid_contracts as next
        on next.customer_key = ended.customer_key
        and next.product_line = ended.product_line
        and next.contract_id <> ended.contract_id
        and next.start_date >= ended.end_date
        and next.start_date <= ended.end_date + 30
),

-- The same product before another; of two that end and two that begin, the first goes with the
-- first and the second with the second.
pairs as (
    select
        *,
        row_number() over (partition by contract_id order by successor_rank) as contract_pair_rank,
        row_number() over (partition by successor_contract_id order by contract_rank)
            as successor_pair_rank
    from candidates
    where successor_rank = contract_rank
),

final as (
    select
        contract_id,
        successor_contract_id,
        successor_start_date
    from pairs
    where contract_pair_rank = 1
        and successor_pair_rank = 1
)

select * from final
