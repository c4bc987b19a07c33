-- Grain: one row per randomised programme, segmentation and segment
{%- set key = 'programme_id, segmentation, segment' %}
with

units as (select * from {{ ref('int_programme_units') }}),

-- Of both arms together: a limit that knew the arms would be part of the effect.
limits as (
    select
        {{ key }},
        {{ quantile('deviation_amount / month_count', 0.01) }} as lowest,
        {{ quantile('deviation_amount / month_count', 0.99) }} as highest
    from units
    group by {{ key }}
),

limited as (
    select
        units.*,
        least(
            greatest(units.deviation_amount, limits.lowest * units.month_count),
            limits.highest * units.month_count
        ) as limited_amount
    from units
    inner join limits
        using ({{ key }})
),

arms as (
    select
        {{ key }},
        cell_number,
        is_treated,
        count(*) as unit_count,
        sum(month_count) as month_count,
        {{ ratio(exact_sum('limited_amount'), 'sum(month_count)') }} as mean_amount
    from limited
    group by {{ key }}, cell_number, is_treated
),

variances as (
    select
        {{ key }},
        cell_number,
        is_treated,
        max(arms.unit_count) as unit_count,
        max(arms.month_count) as month_count,
        max(arms.mean_amount) as mean_amount,
        {{ ratio(
            exact_sum(
                'power(limited.limited_amount - arms.mean_amount * limited.month_count, 2)',
                places=8
            ) ~ ' * max(arms.unit_count)',
            '(max(arms.unit_count) - 1) * power(max(arms.month_count), 2)'
        ) }} as mean_variance
    from limited
    inner join arms
        using ({{ key }}, cell_number, is_treated)
    group by {{ key }}, cell_number, is_treated
),

cells as (
    select
        {{ key }},
        cell_number,
        max(case when is_treated then month_count end) as weight,
        max(case when is_treated then mean_amount end)
            - max(case when not is_treated then mean_amount end) as difference,
        {{ exact_sum('mean_variance') }} as variance,
        {{ ascending_sum('power(mean_variance, 2) / (unit_count - 1)') }} as variance_square
    from variances
    group by {{ key }}, cell_number
),

summed as (
    select
        {{ key }},
        {{ ratio(exact_sum('weight * difference'), 'sum(weight)') }} as effect_amount,
        {{ ratio(
            'sqrt(' ~ exact_sum('power(weight, 2) * variance', places=8) ~ ')', 'sum(weight)'
        ) }} as error_amount,
        {{ ratio(
            'power(' ~ exact_sum('power(weight, 2) * variance', places=8) ~ ', 2)',
            ascending_sum('power(weight, 4) * variance_square')
        ) }} as degrees_of_freedom
    from cells
    group by {{ key }}
),

final as (
    select
        {{ key }},
        effect_amount,
        effect_amount - {{ interval_reach('degrees_of_freedom') }} * error_amount as low_amount,
        effect_amount + {{ interval_reach('degrees_of_freedom') }} * error_amount as high_amount
    from summed
)

select * from final
