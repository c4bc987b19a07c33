-- Grain: one row per method, segment or all, and number of events so far or all
with

actuals as (select * from {{ ref('int_clv__holdout_actuals') }}),

fits as (select * from {{ ref('int_clv__fits_wanted') }}),

bucketed as (
    select
        *,
        case when event_count >= 7 then '7+' else cast(event_count as varchar) end as event_bucket,
        -- Money is compared where both sides are known.
        case when actual_amount is not null then predicted_amount end as compared_amount,
        case when predicted_amount is not null then actual_amount end as came_amount
    from actuals
),

summed as (
    select
        method,
        coalesce(segment, 'all') as segment,
        coalesce(event_bucket, 'all') as event_bucket,
        count(*) as customer_count,
        sum(predicted_count) as predicted_count,
        sum(actual_count) as actual_count,
        sqrt(count(*)) * stddev_samp(predicted_count - actual_count) as error_standard_error,
        corr(predicted_count, actual_count) as correlation,
        count(compared_amount) as compared_customer_count,
        {{ money('sum(compared_amount)') }} as predicted_amount,
        {{ money('sum(came_amount)') }} as actual_amount
    from bucketed
    group by grouping sets (
        (method), (method, segment), (method, event_bucket), (method, segment, event_bucket)
    )
    -- Where everybody is one segment the totals are there already.
    having grouping(segment) = 1 or segment <> 'all'
),

final as (
    select
        summed.method,
        fits.segmentation,
        summed.segment,
        summed.event_bucket,
        fits.fit_date,
        fits.horizon_end_date,
        case when summed.method = 'sbg' then 'contract months' else 'purchase days' end as unit,
        summed.customer_count,
        {{ settled('summed.predicted_count') }} as predicted_count,
        {{ settled('summed.actual_count') }} as actual_count,
        {{ settled('summed.predicted_count - summed.actual_count') }} as error_count,
        {{ settled('summed.error_standard_error') }} as error_standard_error,
        {{ settled(ratio('summed.predicted_count - summed.actual_count', 'summed.actual_count')) }}
            as error_rate,
        {{ settled('case when isfinite(summed.correlation) then summed.correlation end') }}
            as correlation,
        summed.compared_customer_count,
        summed.predicted_amount,
        summed.actual_amount,
        {{ money('summed.predicted_amount - summed.actual_amount') }} as error_amount
    from summed
    cross join fits
    where fits.fit = 'holdout'
)

select * from final
