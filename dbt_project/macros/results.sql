{#- What a table may show of CTE `estimates`: nothing of a programme that has no effect as a whole,
    for the same reason; of a handful of customers no error, since one can make the number. -#}
{% macro shown_estimates() -%}
    wholes as (select * from {{ ref('int_programme_results') }}),

    shown as (
        select
            estimates.*,
            case when wholes.effect_amount is not null then estimates.effect_amount end
                as shown_amount,
            {{ interval_reach('estimates.degrees_of_freedom') }} as interval_reach,
            case
                when wholes.effect_amount is null then wholes.verdict_reason
                when estimates.fewest_unit_count < {{ var('minimum_compared_customers') }}
                    then 'too_few_customers'
                when estimates.effect_standard_error_amount is null then 'outcome_does_not_vary'
            end as no_interval_reason
        from estimates
        inner join wholes
            on wholes.programme_id = estimates.programme_id
            and wholes.segmentation = estimates.segmentation
            and wholes.segment = estimates.segment
    ),

    errors as (
        select
            *,
            case when no_interval_reason is null then effect_standard_error_amount end
                as shown_error
        from shown
    )
{%- endmacro %}
