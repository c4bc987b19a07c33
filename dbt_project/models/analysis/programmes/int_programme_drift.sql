-- Grain: one row per programme chosen by a rule, segmentation and segment: drift before entry
{%- set measures = {
    'early_slope': 'early_slope_amount',
    'yearly_slope': 'yearly_slope_amount',
    'lead': 'level_amount - early_outcome_amount',
} %}
{%- set cell = ['programme_id', 'segmentation', 'segment', 'entry_number', 'customer_kind',
    'is_active_at_start', 'tenure_band', 'risk_third', 'measure'] | join(', ') %}
with

candidates as (
    select
        *,
        {{ programme_tenure_band('tenure_months') }} as tenure_band
    from {{ ref('int_programme_strata') }}
    where not is_randomised
),

last_months as (
    select max(month_number) as month_number
    from {{ ref('int_programme_outcomes') }}
),

-- Not within bands of the level: a drift is matched away in those, and goes on unseen afterwards.
long as (
    {% for measure, figure in measures.items() %}
    select
        programme_id, segmentation, segment, entry_number, customer_kind, is_active_at_start,
        tenure_band, risk_third, customer_key, is_treated, last_number,
        '{{ measure }}' as measure,
        {{ figure }} as change_amount
    from candidates
    where {{ figure }} is not null
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

cells as (
    select
        {{ cell }},
        row_number() over (order by {{ cell }}) as cell_number,
        count(*) filter (where is_treated) as treated_count,
        count(*) filter (where not is_treated) as control_count,
        {{ exact_mean('change_amount', 'not is_treated') }} as control_change
    from long
    group by {{ cell }}
    having count(*) filter (where not is_treated) >= 2 and count(*) filter (where is_treated) > 0
),

deviations as (
    select
        long.programme_id,
        long.segmentation,
        long.segment,
        long.measure,
        long.customer_key,
        long.is_treated,
        cells.cell_number,
        cells.treated_count,
        long.change_amount - cells.control_change as deviation,
        -{{ ratio('cells.treated_count', 'cells.control_count') }}
            * sqrt({{ ratio('cells.control_count', 'cells.control_count - 1') }})
            * (long.change_amount - cells.control_change) as influence,
        least(long.last_number, last_months.month_number) - long.entry_number + 1 as weight
    from long
    cross join last_months
    inner join cells
        using ({{ cell }})
),

gaps as (
    select
        programme_id,
        segmentation,
        segment,
        measure,
        cell_number,
        customer_key,
        customer_key as unit_key,
        weight,
        case when is_treated then deviation end as gap_amount,
        case when not is_treated then influence end as control_influence,
        case when not is_treated then influence / sqrt(treated_count) end as shared_influence,
        cast(null as double) as deviation_amount
    from deviations
),

{{ estimates_by_customer(['programme_id', 'segmentation', 'segment', 'measure']) }},

judged as (
    select
        *,
        fewest_unit_count >= {{ var('minimum_compared_customers') }}
            and effect_standard_error_amount is not null as is_sound
    from estimates
),

columns as (
    select
        programme_id,
        segmentation,
        segment,
        {% for measure in measures %}
        max(effect_amount) filter (where measure = '{{ measure }}' and is_sound)
            as {{ measure }}_amount,
        max(effect_standard_error_amount) filter (where measure = '{{ measure }}' and is_sound)
            as {{ measure }}_error,
        max(degrees_of_freedom) filter (where measure = '{{ measure }}' and is_sound)
            as {{ measure }}_degrees,
        {% endfor %}
        max(matched_customer_count) filter (where measure = 'early_slope') as customer_count
    from judged
    group by programme_id, segmentation, segment
),

-- The steeper of two measures of one thing: the slope of months 18 to 4 before entry, and half a
-- year against the same half of the year before. Either alone misses what a season hides.
final as (
    select
        programme_id,
        segmentation,
        segment,
        early_slope_amount,
        yearly_slope_amount,
        lead_amount,
        lead_error,
        coalesce(customer_count, 0) as customer_count,
        greatest(early_slope_amount, yearly_slope_amount) as drift_amount,
        least(early_slope_amount, yearly_slope_amount) as least_drift_amount,
        case when yearly_slope_amount > early_slope_amount then yearly_slope_error
            else early_slope_error end as drift_error,
        case when yearly_slope_amount > early_slope_amount then yearly_slope_degrees
            else early_slope_degrees end as drift_degrees,
        case when yearly_slope_amount < early_slope_amount then yearly_slope_error
            else early_slope_error end as least_drift_error,
        greatest(
            early_slope_amount + {{ interval_reach() }} * early_slope_error,
            yearly_slope_amount + {{ interval_reach() }} * yearly_slope_error
        ) as drift_high_amount
    from columns
)

select * from final
