-- Grain: one row per programme, segmentation, segment and closed month since its start
with

enrolments as (select * from {{ ref('int_programme_enrolments__by_customer') }}),

exposures as (select * from {{ ref('int_programme_exposures') }}),

programmes as (select * from {{ ref('stg_crm__programmes') }}),

memberships as (select * from {{ ref('int_programme_segments') }}),

programme_costs as (select * from {{ ref('int_programme_costs__by_customer') }}),

settings as (
    select {{ setting('programme_discount_rate', 'double') }} as discount_rate
    from {{ ref('analyst_settings') }}
),

closed_months as (
    select distinct month_number
    from {{ ref('int_programme_outcomes') }}
),

costs as (
    select
        programme_id,
        {{ month_index('month_date') }} as month_number,
        case
            when count(*) = count(programme_cost_amount)
                then cast(sum(programme_cost_amount) as double)
        end as cost_amount
    from programme_costs
    group by 1, 2
),

entries as (
    select
        enrolments.programme_id,
        memberships.segmentation,
        memberships.segment,
        enrolments.entry_number,
        exposures.last_number,
        count(*) as entered_count
    from enrolments
    inner join exposures
        on exposures.programme_id = enrolments.programme_id
        and exposures.entry_number = enrolments.entry_number
    inner join memberships
        on memberships.customer_key = enrolments.customer_key
        and memberships.is_published
        and memberships.from_number <= enrolments.entry_number
        and memberships.to_number > enrolments.entry_number
    where enrolments.arm = 'treated'
    group by 1, 2, 3, 4, 5
),

starts as (
    select programme_id, min(month_number) as start_number
    from (
        select programme_id, month_number from costs

        union all

        select programme_id, entry_number as month_number from entries
    ) as beginnings
    group by 1
),

exposed as (
    select
        entries.programme_id,
        entries.segmentation,
        entries.segment,
        closed_months.month_number,
        closed_months.month_number - starts.start_number as months_since_programme_start,
        sum(case when closed_months.month_number
            between entries.entry_number and entries.last_number
            then entries.entered_count else 0 end) as exposed_customer_count
    from entries
    inner join starts
        on starts.programme_id = entries.programme_id
    left join programmes
        on programmes.programme_id = entries.programme_id
    -- From the day of judgement on nothing counts, what it costs included.
    inner join closed_months
        on closed_months.month_number >= starts.start_number
        and closed_months.month_number <= coalesce(
            {{ month_index('programmes.evaluation_date') }} - 1, 999998
        )
    group by 1, 2, 3, 4, 5
),

-- A segment bears the programme's cost by its share of the treated customer-months.
shared as (
    select
        *,
        {{ ratio(
            'sum(exposed_customer_count) over (partition by programme_id, segmentation, segment)',
            'sum(exposed_customer_count) over (partition by programme_id, segmentation)'
        ) }} as exposure_rate
    from exposed
),

final as (
    select
        shared.programme_id,
        shared.segmentation,
        shared.segment,
        shared.month_number,
        shared.months_since_programme_start,
        shared.exposed_customer_count,
        case when costs.programme_id is null then 0 else costs.cost_amount end
            * shared.exposure_rate as cost_amount,
        power(1 + settings.discount_rate, -shared.months_since_programme_start / cast(12 as double))
            as discount_factor
    from shared
    cross join settings
    left join costs
        on costs.programme_id = shared.programme_id
        and costs.month_number = shared.month_number
)

select * from final
