-- Grain: one row per programme, segmentation, segment and covariate
{%- set traits = {
    'level': 'level_amount',
    'trend': 'trend_amount',
    'last_month': 'previous_outcome_amount',
    'early_level': 'early_outcome_amount',
    'risk': 'risk_rate',
    'support_cost': 'support_level_amount',
    'tenure': 'tenure_months',
} %}
with

pool as (
    select * from {{ ref('int_programme_eligible') }}
    where comparability = 'comparable'
),

memberships as (
    select * from {{ ref('int_programme_segments') }}
    where is_published
),

candidates as (
    select * from {{ ref('int_programme_matched_sample') }}
    where is_matched
),

-- Before: everybody who could have been compared, in the months in which somebody entered.
everyone as (
    select
        'before' as stage,
        pool.programme_id,
        memberships.segmentation,
        memberships.segment,
        pool.is_treated,
        cast(1 as double) as weight,
        {{ traits.values() | join(', ') }}
    from pool
    inner join memberships
        on memberships.customer_key = pool.customer_key
        and memberships.from_number <= pool.entry_number
        and memberships.to_number > pool.entry_number

    union all

    -- After: the untreated of a cell weigh as much as its treated.
    select
        'after' as stage,
        programme_id,
        segmentation,
        segment,
        is_treated,
        case
            when is_treated then cast(1 as double)
            else {{ ratio(
                'sum(case when is_treated then 1 else 0 end) over cells',
                'sum(case when is_treated then 0 else 1 end) over cells'
            ) }}
        end as weight,
        {{ traits.values() | join(', ') }}
    from candidates
    window cells as (partition by cell_number)
),

long as (
    {% for covariate, column in traits.items() %}
    select
        stage, programme_id, segmentation, segment, is_treated, weight,
        '{{ covariate }}' as covariate, cast({{ column }} as double) as trait_value
    from everyone
    where {{ column }} is not null
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

means as (
    select
        programme_id,
        segmentation,
        segment,
        covariate,
        stage,
        {{ ratio(
            exact_sum('weight * trait_value', 'is_treated'),
            exact_sum('weight', 'is_treated')
        ) }} as treated_mean,
        {{ ratio(
            exact_sum('weight * trait_value', 'not is_treated'),
            exact_sum('weight', 'not is_treated')
        ) }} as control_mean,
        sqrt({{ exact_variance('trait_value', 'is_treated') }}) as treated_deviation,
        count(*) filter (where is_treated) as treated_count,
        {{ ratio(
            'power(' ~ exact_sum('weight', 'not is_treated') ~ ', 2)',
            exact_sum('weight * weight', 'not is_treated')
        ) }} as effective_control_count
    from long
    group by programme_id, segmentation, segment, covariate, stage
),

final as (
    select
        programme_id,
        segmentation,
        segment,
        covariate,
        {{ settled("max(treated_mean) filter (where stage = 'before')") }} as treated_mean,
        {{ settled("max(control_mean) filter (where stage = 'before')") }} as all_control_mean,
        {{ settled("max(treated_mean) filter (where stage = 'after')") }} as matched_treated_mean,
        {{ settled("max(control_mean) filter (where stage = 'after')") }} as matched_control_mean,
        -- In deviations of all treated, so that before and after compare.
        {{ settled(ratio(
            "max(treated_mean - control_mean) filter (where stage = 'before')",
            "max(treated_deviation) filter (where stage = 'before')"
        )) }} as standardised_difference_before,
        {{ settled(ratio(
            "max(treated_mean - control_mean) filter (where stage = 'after')",
            "max(treated_deviation) filter (where stage = 'before')"
        )) }} as standardised_difference_after,
        -- What chance makes of so few: 2.5 errors of a difference of means.
        {{ settled("greatest(0.1, max(2.5 * sqrt(1 / cast(nullif(treated_count, 0) as double)"
            ~ " + 1 / nullif(effective_control_count, 0))) filter (where stage = 'after'))") }}
            as largest_balanced_difference
    from means
    group by programme_id, segmentation, segment, covariate
)

select * from final
