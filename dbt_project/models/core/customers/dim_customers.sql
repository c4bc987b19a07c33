-- Grain: one row per customer, the unknown member included
with

first_seen as (select * from {{ ref('int_customers__first_seen') }}),

golden_records as (select * from {{ ref('int_customers__golden_record') }}),

preferences as (select * from {{ ref('int_customers__preferences') }}),

price_sensitivity as (select * from {{ ref('int_customers__price_sensitivity') }}),

lifecycle_segments as (select * from {{ ref('int_customer_segments__by_lifecycle') }}),

category_segments as (select * from {{ ref('int_customer_segments__by_preference') }}),

segments as (select * from {{ ref('bridge_customer_segments') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

rfm as (
    select
        customer_key,
        max(segment) as rfm_segment
    from segments
    where segmentation = 'rfm'
        and valid_to_date = date '9999-12-31'
    group by customer_key
),

-- Take the segment of the as-of date; in the bridge a segment holds from a month start.
latest_lifecycles as (
    select
        customer_key,
        max_by(segment, valid_from_date) as lifecycle
    from lifecycle_segments
    group by customer_key
),

latest_categories as (
    select
        customer_key,
        max_by(segment, valid_from_date) as most_bought_category
    from category_segments
    group by customer_key
),

final as (
    select
        first_seen.customer_key,
        coalesce(golden_records.customer_kind, 'unknown') as customer_kind,
        golden_records.industry,
        golden_records.size_band,
        golden_records.country,
        golden_records.region,
        golden_records.language,
        golden_records.persona,
        golden_records.acquisition_channel,
        golden_records.acquisition_cost_amount,
        golden_records.referred_by_customer_key,
        golden_records.preferred_channel as stated_channel,
        preferences.observed_channel,
        latest_categories.most_bought_category,
        preferences.most_bought_product,
        preferences.most_viewed_category,
        preferences.most_asked_about,
        coalesce(price_sensitivity.below_usual_price_sale_count, 0) as below_usual_price_sale_count,
        coalesce(price_sensitivity.priced_sale_count, 0) as priced_sale_count,
        {{ ratio(
            'price_sensitivity.below_usual_price_sale_count', 'price_sensitivity.priced_sale_count'
        ) }} as price_sensitivity_rate,
        price_sensitivity.expected_below_rate as expected_price_sensitivity_rate,
        -- Name a customer only where its rate differs from the expected one by more than chance.
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
        rfm.rfm_segment,
        coalesce(latest_lifecycles.lifecycle, 'unknown') as lifecycle,
        golden_records.signup_date,
        first_seen.first_seen_date,
        cast({{ days_between('first_seen.first_seen_date', 'run_parameters.as_of_date') }}
            as integer) as tenure_days,
        coalesce(golden_records.is_deleted, false) as is_deleted,
        coalesce(golden_records.record_count, 0) as record_count,
        coalesce(golden_records.is_inferred, false) as is_inferred
    from first_seen
    left join golden_records
        on golden_records.customer_key = first_seen.customer_key
    left join preferences
        on preferences.customer_key = first_seen.customer_key
    left join price_sensitivity
        on price_sensitivity.customer_key = first_seen.customer_key
    left join rfm
        on rfm.customer_key = first_seen.customer_key
    left join latest_lifecycles
        on latest_lifecycles.customer_key = first_seen.customer_key
    left join latest_categories
        on latest_categories.customer_key = first_seen.customer_key
    cross join run_parameters
)

select * from final
