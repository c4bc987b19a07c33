-- Grain: one row per customer, the unknown member included
with

first_seen as (select * from {{ ref('int_customers__first_seen') }}),

attributed as (select * from {{ ref('int_customers__golden_record') }}),

preferred as (select * from {{ ref('int_customers__preferences') }}),

most_bought as (select * from {{ ref('int_customers__most_bought') }}),

price_sensitivity as (select * from {{ ref('int_customers__price_sensitivity') }}),

lifecycles as (select * from {{ ref('int_customer_segments__by_lifecycle') }}),

preferences as (select * from {{ ref('int_customer_segments__by_preference') }}),

memberships as (select * from {{ ref('bridge_customer_segments') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

behaviour as (
    select
        customer_key,
        max(segment) as rfm_segment
    from memberships
    where segmentation = 'rfm'
        and valid_to_date = date '9999-12-31'
    group by customer_key
),

-- Up to the as-of date; a segment in the bridge holds from a month start.
latest_lifecycles as (
    select
        customer_key,
        max_by(segment, valid_from_date) as lifecycle
    from lifecycles
    group by customer_key
),

latest_preferences as (
    select
        customer_key,
        max_by(segment, valid_from_date) as most_bought_category
    from preferences
    group by customer_key
),

final as (
    select
        first_seen.customer_key,
        coalesce(attributed.customer_kind, 'unknown') as customer_kind,
        attributed.industry,
        attributed.size_band,
        attributed.country,
        attributed.region,
        attributed.language,
        attributed.persona,
        attributed.acquisition_channel,
        attributed.acquisition_cost_amount,
        attributed.referred_by_customer_key,
        attributed.preferred_channel as stated_channel,
        preferred.observed_channel,
        latest_preferences.most_bought_category,
        most_bought.most_bought_product,
        preferred.most_viewed_category,
        preferred.most_asked_about,
        coalesce(price_sensitivity.below_usual_price_sale_count, 0) as below_usual_price_sale_count,
        coalesce(price_sensitivity.priced_sale_count, 0) as priced_sale_count,
        {{ ratio(
            'price_sensitivity.below_usual_price_sale_count', 'price_sensitivity.priced_sale_count'
        ) }} as price_sensitivity_rate,
        price_sensitivity.expected_below_rate as expected_price_sensitivity_rate,
        -- Only beyond what chance makes of as many sales of these products.
        case
            when price_sensitivity.customer_key is null then 'unknown'
            when {{ wilson_bound('price_sensitivity.below_usual_price_sale_count',
                'price_sensitivity.priced_sale_count', -1) }}
                > price_sensitivity.expected_below_rate then 'high'
            when {{ wilson_bound('price_sensitivity.below_usual_price_sale_count',
                'price_sensitivity.priced_sale_count', 1) }}
                < price_sensitivity.expected_below_rate then 'low'
            else 'average'
        end as price_sensitivity,
        behaviour.rfm_segment,
        coalesce(latest_lifecycles.lifecycle, 'unknown') as lifecycle,
        attributed.signup_date,
        first_seen.first_seen_date,
        cast({{ days_between('first_seen.first_seen_date', 'run_parameters.as_of_date') }}
            as integer) as tenure_days,
        coalesce(attributed.is_deleted, false) as is_deleted,
        coalesce(attributed.record_count, 0) as record_count
    from first_seen
    left join attributed
        on attributed.customer_key = first_seen.customer_key
    left join preferred
        on preferred.customer_key = first_seen.customer_key
    left join most_bought
        on most_bought.customer_key = first_seen.customer_key
    left join price_sensitivity
        on price_sensitivity.customer_key = first_seen.customer_key
    left join behaviour
        on behaviour.customer_key = first_seen.customer_key
    left join latest_lifecycles
        on latest_lifecycles.customer_key = first_seen.customer_key
    left join latest_preferences
        on latest_preferences.customer_key = first_seen.customer_key
    cross join run_parameters
)

select * from final
