-- Grain: one row per fit, segment or all, number of repeat purchases and band of mean spend
with

buyers as (select * from {{ ref('int_clv__buyers') }}),

fits as (select * from {{ ref('int_clv__fits_wanted') }}),

pooled as (
    select fit, segment, spend_count, spend_step, mean_spend_amount
    from buyers
    where spend_step is not null
    union all
    select fit, 'all' as segment, spend_count, spend_step, mean_spend_amount
    from buyers
    where spend_step is not null and segment <> 'all'
),

final as (
    select
        pooled.fit,
        pooled.segment,
        pooled.spend_count,
        pooled.spend_step,
        count(*) as customer_count,
        {{ settled('avg(pooled.mean_spend_amount)') }} as mean_spend_amount,
        max(case
            when pooled.segment = 'all' then fits.pooled_minimum_event_count
            else fits.minimum_event_count
        end) as minimum_event_count
    from pooled
    inner join fits
        on fits.fit = pooled.fit
    group by pooled.fit, pooled.segment, pooled.spend_count, pooled.spend_step
)

select * from final
