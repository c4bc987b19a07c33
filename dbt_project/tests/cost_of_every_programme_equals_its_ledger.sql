-- Rows: programmes whose segments together do not bear what the ledger says, to the cent
with

results as (
    select * from {{ ref('fct_programme_roi') }}
    where treated_month_count > 0
),

programme_costs as (select * from {{ ref('stg_crm__programme_costs') }}),

programmes as (select * from {{ ref('stg_crm__programmes') }}),

rates as (select * from {{ ref('int_exchange_rates__daily') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Closed months, up to the day of judgement. With one row that has no rate the cost is not known,
-- and none may be published.
ledger as (
    select
        programme_costs.programme_id,
        case
            when count(*) = count(rates.rate_to_reporting)
                then sum({{ to_reporting('programme_costs.amount', 'rates.rate_to_reporting') }})
            else 0
        end as cost_amount
    from programme_costs
    cross join run_parameters
    left join programmes
        on programmes.programme_id = programme_costs.programme_id
    left join rates
        on rates.currency = programme_costs.currency
        and rates.valid_from <= programme_costs.cost_month
        and rates.valid_to > programme_costs.cost_month
    where last_day(programme_costs.cost_month) <= run_parameters.as_of_date
        and coalesce(last_day(programme_costs.cost_month) < programmes.evaluation_date, true)
    group by programme_costs.programme_id
),

borne as (
    select programme_id, segmentation, coalesce(sum(cost_amount), 0) as cost_amount
    from results
    group by programme_id, segmentation
),

final as (
    select
        borne.programme_id,
        borne.segmentation,
        borne.cost_amount,
        ledger.cost_amount as ledger_amount
    from borne
    left join ledger
        on ledger.programme_id = borne.programme_id
    where abs(borne.cost_amount - coalesce(ledger.cost_amount, 0)) > 0.01
)

select * from final
