-- Grain: one row per programme, segmentation and segment with an estimate of any kind
{{ config(materialized='view') }}
{%- set parts = ['retained', 'expansion', 'support', 'referral'] %}
with

paybacks as (select * from {{ ref('int_programme_payback') }}),

estimates as (select * from {{ ref('int_programme_estimates') }}),

parts as (select * from {{ ref('int_programme_effect_components') }}),

reaches as (select * from {{ ref('int_programme_reaches') }}),

winsorised as (select * from {{ ref('int_programme_winsorised') }}),

-- Of fewer than twenty customers (or accounts drawn) on a side one can make the result.
-- Where nobody is a customer any more, only what they were before would be compared.
judged as (
    select
        estimates.*,
        paybacks.active_month_count > 0
            and estimates.fewest_unit_count >= {{ var('minimum_compared_customers') }}
            and estimates.effect_standard_error_amount is not null as is_sound
    from estimates
    inner join paybacks
        on paybacks.programme_id = estimates.programme_id
        and paybacks.segmentation = estimates.segmentation
        and paybacks.segment = estimates.segment
),

kinds as (
    select
        programme_id,
        segmentation,
        segment,
        {% for kind in ['effect', 'discounted', 'satisfaction', 'effort', 'support_load',
            'placebo_cohort'] %}
        max(effect_amount) filter (where estimate_kind = '{{ kind }}' and is_sound)
            as {{ kind }}_amount,
        max(effect_standard_error_amount) filter (where estimate_kind = '{{ kind }}' and is_sound)
            as {{ kind }}_error,
        max(degrees_of_freedom) filter (where estimate_kind = '{{ kind }}' and is_sound)
            as {{ kind }}_degrees,
        max(matched_customer_count) filter (where estimate_kind = '{{ kind }}')
            as {{ kind }}_customer_count,
        {% endfor %}
        max(matched_month_count) filter (where estimate_kind = 'effect') as matched_month_count,
        max(control_customer_count) filter (where estimate_kind = 'effect')
            as control_customer_count,
        max(treated_unit_count) filter (where estimate_kind = 'effect') as treated_unit_count,
        max(control_unit_count) filter (where estimate_kind = 'effect') as control_unit_count
    from judged
    group by programme_id, segmentation, segment
),

part_columns as (
    select
        programme_id,
        segmentation,
        segment,
        {% for part in parts %}
        max(effect_amount) filter (where part = '{{ part }}') as {{ part }}_amount,
        max(effect_standard_error_amount) filter (where part = '{{ part }}') as {{ part }}_error
            {{- ',' if not loop.last }}
        {% endfor %}
    from parts
    group by programme_id, segmentation, segment
),

final as (
    select
        kinds.*,
        reaches.low_reach,
        reaches.high_reach,
        reaches.is_treated_skewed,
        reaches.treated_with_outcome_count,
        reaches.control_with_outcome_count,
        winsorised.effect_amount as winsorised_amount,
        winsorised.low_amount as winsorised_low_amount,
        winsorised.high_amount as winsorised_high_amount,
        {% for part in parts %}
        part_columns.{{ part }}_amount,
        part_columns.{{ part }}_error{{ ',' if not loop.last }}
        {% endfor %}
    from kinds
    left join part_columns
        on part_columns.programme_id = kinds.programme_id
        and part_columns.segmentation = kinds.segmentation
        and part_columns.segment = kinds.segment
        and kinds.effect_amount is not null
    left join reaches
        on reaches.programme_id = kinds.programme_id
        and reaches.segmentation = kinds.segmentation
        and reaches.segment = kinds.segment
    left join winsorised
        on winsorised.programme_id = kinds.programme_id
        and winsorised.segmentation = kinds.segmentation
        and winsorised.segment = kinds.segment
        and kinds.effect_amount is not null
)

select * from final
