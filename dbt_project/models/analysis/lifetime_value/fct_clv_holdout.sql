-- Grain: one row per method, segment or all, and number of events so far or all
with

actuals as (select * from {{ ref('int_clv__holdout_actuals') }}),

fits as (select * from {{ ref('int_clv__fit_specs') }}),

settings as (
    select
        {{ setting('rate_minimum_customers', 'int') }} as minimum_customers,
        coalesce({{ setting('clv_holdout_tolerance_rate', 'double') }}, 0) as tolerated_rate
    from {{ ref('analyst_settings') }}
),

bucketed as (
    select
        *,
        case when event_count >= 7 then '7+' else cast(event_count as {{ dbt.type_string() }}) end
            as event_bucket,
        case when event_count > 0 then '1+' end as repeat_bucket,
        -- Money is compared where both sides are known.
        case when actual_amount is not null then predicted_amount end as compared_amount,
        case when predicted_amount is not null then actual_amount end as came_amount
    from actuals
),

summed as (
    select
        method,
        coalesce(segment, 'all') as segment,
        coalesce(event_bucket, repeat_bucket, 'all') as event_bucket,
        count(*) as customer_count,
        {{ exact_sum('predicted_count') }} as predicted_count,
        {{ exact_sum('actual_count') }} as actual_count,
        sqrt(count(*) * {{ exact_variance('predicted_count - actual_count', places=15) }})
            as error_standard_error,
        {{ exact_correlation('predicted_count', 'actual_count') }} as correlation,
        count(compared_amount) as compared_customer_count,
        {{ money('sum(compared_amount)') }} as predicted_amount,
        {{ money('sum(came_amount)') }} as actual_amount,
        sqrt(count(compared_amount) * {{ exact_variance(
            'cast(compared_amount as double) - cast(came_amount as double)'
        ) }})
            as error_amount_standard_error
    from bucketed
    group by grouping sets (
        (method), (method, segment), (method, event_bucket), (method, segment, event_bucket),
        (method, repeat_bucket), (method, segment, repeat_bucket)
    )
    -- Where everybody is one segment the totals are there already, and without an event they are
    -- the bucket of none.
    having (grouping(segment) = 1 or segment <> 'all')
        and (grouping(repeat_bucket) = 1 or repeat_bucket is not null)
),

measured as (
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
        {{ settled('summed.correlation') }} as correlation,
        summed.compared_customer_count,
        summed.predicted_amount,
        summed.actual_amount,
        {{ money('summed.predicted_amount - summed.actual_amount') }} as error_amount,
        {{ money('summed.error_amount_standard_error') }} as error_standard_error_amount,
        {{ settled(ratio('summed.predicted_amount - summed.actual_amount',
            'summed.actual_amount')) }} as error_amount_rate
    from summed
    cross join fits
    where fits.fit = 'holdout'
),

-- Beyond two standard errors an error is hardly chance; from some size on it matters.
{%- set tolerated = 'greatest(2 * measured.error_standard_error#,'
    ~ ' settings.tolerated_rate * abs(measured.actual_@))' %}
{%- set tolerated_count = tolerated.replace('#', '').replace('@', 'count') %}
{%- set tolerated_amount = tolerated.replace('#', '_amount').replace('@', 'amount') %}
final as (
    select
        measured.method,
        measured.segmentation,
        measured.segment,
        measured.event_bucket,
        measured.fit_date,
        measured.horizon_end_date,
        measured.unit,
        measured.customer_count,
        measured.predicted_count,
        measured.actual_count,
        measured.error_count,
        measured.error_standard_error,
        measured.error_rate,
        measured.correlation,
        measured.compared_customer_count,
        measured.predicted_amount,
        measured.actual_amount,
        measured.error_amount,
        measured.error_standard_error_amount,
        measured.error_amount_rate,
        case
            when measured.compared_customer_count < settings.minimum_customers
                then 'too_few_customers'
            when measured.error_count > {{ tolerated_count }} then 'units_too_many'
            when -measured.error_count > {{ tolerated_count }} then 'units_too_few'
            when measured.error_amount > {{ tolerated_amount }} then 'contribution_too_high'
            when -measured.error_amount > {{ tolerated_amount }} then 'contribution_too_low'
        end as not_calibrated_reason
    from measured
    cross join settings
)

select * from final
