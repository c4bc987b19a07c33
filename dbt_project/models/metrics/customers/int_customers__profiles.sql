-- Grain: one row per customer whose ROI of twelve months is known and profile dimension
{{ config(materialized='view') }}
{%- set dimensions = [
    'industry', 'size_band', 'country', 'region', 'language', 'persona', 'acquisition_channel',
    'observed_channel', 'most_viewed_category', 'most_bought_category', 'most_bought_product',
    'most_asked_about', 'price_sensitivity',
] %}
with

returns as (select * from {{ ref('fct_customer_roi') }}),

customers as (select * from {{ ref('dim_customers') }}),

memberships as (select * from {{ ref('bridge_customer_segments') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- The best fifth by rank, kind by kind: equals are on the same side.
ranked as (
    select
        returns.customer_key,
        returns.customer_kind,
        cast(run_parameters.first_open_month_date - interval 12 month as date) as window_date,
        {{ rank_quintile('returns.customer_roi_12m', 'returns.customer_kind') }} = 5 as is_best
    from returns
    cross join run_parameters
    where returns.customer_roi_12m is not null
        and returns.customer_key <> 'unknown'
),

final as (
    {% for dimension in dimensions %}
    select
        ranked.customer_key,
        ranked.customer_kind,
        ranked.is_best,
        '{{ dimension }}' as profile_dimension,
        coalesce(customers.{{ dimension }}, 'unknown') as profile_value
    from ranked
    inner join customers
        on customers.customer_key = ranked.customer_key

    union all

    {% endfor %}
    -- As it was before the twelve months: today's segment is a result of the return.
    select
        ranked.customer_key,
        ranked.customer_kind,
        ranked.is_best,
        'rfm_before' as profile_dimension,
        coalesce(memberships.segment, 'not_yet_seen') as profile_value
    from ranked
    left join memberships
        on memberships.customer_key = ranked.customer_key
        and memberships.segmentation = 'rfm'
        and memberships.valid_from_date <= ranked.window_date
        and memberships.valid_to_date > ranked.window_date
)

select * from final
