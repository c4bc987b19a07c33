-- Grain: one row per fit, segment or all, number of repeat purchases and band of mean spend
with

buyers as (
    select * from {{ ref('int_clv__buyers') }}
    where fit in ('current', 'holdout')
),

fits as (select * from {{ ref('int_clv__fit_specs') }}),

pooled as (
    {{ own_and_all(
        'buyers',
        'spend_count, spend_step, mean_spend_amount',
        'spend_step is not null'
    ) }}
),

final as (
    select
        pooled.fit,
        pooled.segment,
        pooled.spend_count,
        pooled.spend_step,
        count(*) as customer_count,
        {{ settled(ascending_mean('pooled.mean_spend_amount')) }} as mean_spend_amount,
        {{ minimum_event_count() }}
    from pooled
    inner join fits
        on fits.fit = pooled.fit
    group by pooled.fit, pooled.segment, pooled.spend_count, pooled.spend_step
)

select * from final
