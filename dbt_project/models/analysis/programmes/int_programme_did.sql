-- Grain: one row per design, programme, segmentation, entry month, customer compared and month
{%- set parts = ['', 'retained_', 'support_', 'referred_'] %}
with

changes as (
    select * from {{ ref('int_programme_adjusted_outcomes') }}
    where change_amount is not null
),

-- Grouped and joined back: windows over so many rows took five times as long.
cell_months as (
    select
        design,
        cell_number,
        month_number,
        is_randomised,
        count(*) filter (where is_treated) as treated_count,
        count(*) filter (where not is_treated) as control_count,
        {{ exact_sum('month_weight', 'is_treated') }} as treated_weight,
        {{ exact_sum('month_weight * month_weight', 'is_treated') }} as treated_weight_square,
        {{ exact_sum('month_weight', 'not is_treated') }} as weight_sum,
        {{ exact_sum('month_weight * month_weight', 'not is_treated') }} as weight_square_sum,
        {% for part in parts %}
        {{ ratio(
            exact_sum('month_weight * ' ~ part ~ 'change_amount', 'not is_treated'),
            exact_sum('month_weight', 'not is_treated')
        ) }} as control_{{ part }}change{{ ',' if not loop.last }}
        {% endfor %}
    from changes
    group by design, cell_number, month_number, is_randomised
),

-- A control moves the sum of gaps by its deviation × its share of the cell's weight × treated, as
-- if n − 1 divided, n being as many equal weights as say the same as these.
scaled as (
    select
        *,
        {{ ratio('treated_weight', 'weight_sum') }} * sqrt(1 / nullif(
            1 - {{ ratio('weight_square_sum', 'weight_sum * weight_sum') }}, 0
        )) as influence_scale,
        {{ ratio('sqrt(treated_weight_square)', 'treated_weight') }} as shared_scale
    from cell_months
    where control_count >= 2
        and treated_count >= case when is_randomised then 2 else 1 end
),

final as (
    select
        changes.design,
        changes.programme_id,
        changes.segmentation,
        changes.segment,
        changes.customer_kind,
        changes.is_randomised,
        changes.entry_number,
        changes.month_number,
        changes.months_since_entry,
        changes.customer_key,
        changes.unit_key,
        changes.cell_number,
        changes.is_active,
        changes.has_referred,
        changes.has_outcome,
        {% for part in parts %}
        {%- set own = 'changes.' ~ part ~ 'change_amount' %}
        {%- set deviation = '(' ~ own ~ ' - scaled.control_' ~ part ~ 'change)' %}
        case when changes.is_treated then {{ deviation }} end as {{ part }}gap_amount,
        case when not changes.is_treated
            then -{{ deviation }} * changes.month_weight * scaled.influence_scale
        end as {{ part }}control_influence,
        case when not changes.is_treated
            then -{{ deviation }} * changes.month_weight * scaled.influence_scale
                * scaled.shared_scale
        end as {{ part }}shared_influence,
        case when changes.is_randomised then {{ deviation }} end as {{ part }}deviation_amount,
        {% endfor %}
        case when changes.is_treated then changes.month_weight end as treated_weight,
        case when not changes.is_treated
            then changes.month_weight * {{ ratio('scaled.treated_weight', 'scaled.weight_sum') }}
        end as control_weight
    from changes
    inner join scaled
        on scaled.design = changes.design
        and scaled.cell_number = changes.cell_number
        and scaled.month_number = changes.month_number
)

select * from final
