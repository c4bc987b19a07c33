-- Grain: one row per customer_key, segmentation, period kind and closed period
with

memberships as (select * from {{ ref('bridge_customer_segments') }}),

periods as (select * from {{ ref('int_customer_periods__summed') }}),

-- Who came during a period belongs to it with the first segment it was given.
opened as (
    select
        customer_key,
        segmentation,
        segment,
        case
            when row_number() over (
                partition by customer_key, segmentation
                order by valid_from_date
            ) = 1 then date '0001-01-01'
            else valid_from_date
        end as valid_from_date,
        valid_to_date
    from memberships
),

final as (
    select
        periods.customer_key,
        opened.segmentation,
        opened.segment,
        periods.period_kind,
        periods.period_date
    from periods
    inner join opened
        on opened.customer_key = periods.customer_key
        and opened.valid_from_date <= periods.period_date
        and opened.valid_to_date > periods.period_date
)

select * from final
