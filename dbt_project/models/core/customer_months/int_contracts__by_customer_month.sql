-- Grain: one row per customer and month in which a contract of theirs began or ended
with

-- Revenue is that of the transactions of a contract, but for the time before the first on record.
contracts as (
    select
        *,
        not is_billed or coalesce(billed_from_date > from_date, false) as is_earning,
        case when is_billed then least(to_date, billed_from_date) else to_date end
            as earning_end_date
    from {{ ref('int_contracts__price_periods') }}
),

successors as (select * from {{ ref('int_contracts__successors') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- A begin counts +1 and an end −1: running sums of the changes give the stock of any month without
-- a row per contract and month. Overlapping and open-ended contracts need nothing special, nor does
-- a price that changes: it ends and another begins.
-- A contract that is renewed leaves the stock on the day the next one begins; it earns until it
-- ends.
contract_changes as (
    select
        *,
        from_date as change_date,
        1 as stock_change,
        1 as earning_change
    from contracts

    union all

    select
        contracts.*,
        coalesce(successors.successor_start_date, contracts.to_date) as change_date,
        -1 as stock_change,
        0 as earning_change
    from contracts
    left join successors
        on successors.contract_id = contracts.contract_id
        and contracts.is_last_period
    where contracts.to_date is not null

    union all

    select
        *,
        earning_end_date as change_date,
        0 as stock_change,
        -1 as earning_change
    from contracts
    where earning_end_date is not null
),

dated_changes as (
    select
        contract_changes.*,
        cast(date_trunc('month', contract_changes.change_date) as date) as month_date,
        contract_changes.stock_change = 1
            and coalesce(contract_changes.to_date > contract_changes.from_date, true) as is_begin,
        -- Share of the month from the change to its last day that has been seen.
        cast(
            day(least(last_day(contract_changes.change_date), run_parameters.as_of_date))
                - day(contract_changes.change_date) + 1 as double
        ) / day(last_day(contract_changes.change_date)) as rest_of_month
    from contract_changes
    cross join run_parameters
    where contract_changes.change_date <= run_parameters.as_of_date
),

final as (
    select
        customer_key,
        month_date,
        sum(stock_change) as contract_change,
        coalesce(sum(stock_change) filter (where contract_kind <> 'trial'), 0)
            as paid_contract_change,
        count(*) filter (where is_begin and contract_kind <> 'trial') as paid_begin_count,
        count(*) filter (where is_begin and contract_kind = 'trial') as trial_begin_count,
        max(change_date) filter (
            where stock_change = -1 and contract_kind <> 'trial' and to_date > from_date
        ) as last_paid_end_date,
        {{ money('coalesce(sum(stock_change * mrr_amount), 0)') }} as mrr_change_amount,
        {{ money('coalesce(sum(earning_change * mrr_amount) filter (where is_earning), 0)') }}
            as rateable_mrr_change_amount,
        cast(
            coalesce({{ exact_sum(
                'earning_change * mrr_amount * rest_of_month', 'is_earning'
            ) }}, 0)
            as decimal(18, 4)
        ) as rateable_rest_amount,
        cast(
            coalesce(sum(one_off_amount) filter (where is_earning and stock_change = 1), 0)
            as decimal(18, 4)
        ) as one_off_amount
    from dated_changes
    group by customer_key, month_date
)

select * from final
