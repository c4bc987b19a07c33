-- Grain: one row per customer and month in which a contract of theirs began or ended
with

valued as (select * from {{ ref('int_contracts__enriched') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Begins count +1 and ends −1: running sums of the changes give the stock of any month without a
-- row per contract and month. Overlapping and open-ended contracts need nothing special.
changes as (
    select
        *,
        start_date as change_date,
        1 as direction
    from valued

    union all

    select
        *,
        end_date as change_date,
        -1 as direction
    from valued
    where end_date is not null
),

dated as (
    select
        changes.*,
        cast(date_trunc('month', changes.change_date) as date) as month_date,
        changes.direction = 1
            and (changes.end_date is null or changes.end_date > changes.start_date) as is_begin,
        -- Share of the month from the change to its last day that has been seen.
        cast(
            day(least(last_day(changes.change_date), run_parameters.as_of_date))
                - day(changes.change_date) + 1 as double
        ) / day(last_day(changes.change_date)) as rest_of_month
    from changes
    cross join run_parameters
    where changes.change_date <= run_parameters.as_of_date
),

final as (
    select
        customer_key,
        month_date,
        sum(direction) as contract_change,
        coalesce(sum(direction) filter (where contract_kind <> 'trial'), 0) as paid_contract_change,
        count(*) filter (where is_begin and contract_kind <> 'trial') as paid_begin_count,
        count(*) filter (where is_begin and contract_kind = 'trial') as trial_begin_count,
        {{ money('coalesce(sum(direction * mrr_amount), 0)') }} as mrr_change_amount,
        {{ money('coalesce(sum(direction * mrr_amount) filter (where not is_billed), 0)') }}
            as rateable_mrr_change_amount,
        {{ money('coalesce('
            ~ exact_sum('direction * mrr_amount * rest_of_month', 'not is_billed') ~ ', 0)') }}
            as rateable_rest_amount,
        {{ money('coalesce(sum(one_off_amount)'
            ~ ' filter (where not is_billed and direction = 1), 0)') }} as one_off_amount
    from dated
    group by customer_key, month_date
)

select * from final
