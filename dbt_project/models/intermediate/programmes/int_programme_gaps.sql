-- Grain: one row per design, programme, segmentation, entry month, customer compared and month
{%- set parts = ['', 'retained_', 'support_', 'referred_'] %}
with

changes as (
    select * from {{ ref('int_programme_changes') }}
    where change_amount is not null
),

-- Grouped and joined back: windows over so many rows took five times as long.
cell_months as (
    select
        design,
        cell_number,
        month_number,
        count(*) filter (where is_treated) as treated_count,
        count(*) filter (where not is_treated) as control_count,
        sum(control_weight) as weight_sum,
        sum(control_weight * control_weight) as weight_square_sum,
        {% for part in parts %}
        {{ ratio('sum(control_weight * ' ~ part ~ 'change_amount)', 'sum(control_weight)') }}
            as control_{{ part }}change{{ ',' if not loop.last }}
        {% endfor %}
    from changes
    group by design, cell_number, month_number
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
        changes.event_month,
        changes.customer_key,
        changes.cell_number,
        changes.is_active,
        {% for part in parts %}
        case
            when changes.is_treated
                then changes.{{ part }}change_amount
                    - cell_months.control_{{ part }}change
        end as {{ part }}gap_amount,
        {% endfor %}
        -- As if n − 1 divided, n being as many equal weights as say the same as these.
        (cell_months.control_change - changes.change_amount) * changes.control_weight
            * {{ ratio('cell_months.treated_count', 'cell_months.weight_sum') }}
            * sqrt(1 / nullif(1 - {{ ratio(
                'cell_months.weight_square_sum',
                'cell_months.weight_sum * cell_months.weight_sum'
            ) }}, 0)) as control_influence,
        case
            when not changes.is_treated
                then (changes.change_amount - cell_months.control_change)
                    * sqrt(cell_months.treated_count)
        end as peer_deviation,
        changes.control_weight as peer_weight
    from changes
    inner join cell_months
        on cell_months.design = changes.design
        and cell_months.cell_number = changes.cell_number
        and cell_months.month_number = changes.month_number
    where cell_months.treated_count > 0
        and cell_months.control_count >= 2
)

select * from final
