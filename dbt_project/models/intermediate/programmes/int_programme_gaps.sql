-- Grain: one row per design, programme, segmentation, entry month, customer compared and month
{%- set parts = ['retained', 'support', 'referred'] %}
with

changes as (select * from {{ ref('int_programme_changes') }}),

compared as (
    select
        *,
        sum(case when is_treated then 1 else 0 end) over cells as treated_count,
        sum(case when is_treated then 0 else 1 end) over cells as control_count,
        sum(control_weight) over cells as weight_sum,
        sum(control_weight * control_weight) over cells as weight_square_sum,
        {% for part in parts %}
        {{ control_mean(part ~ '_change_amount') }} as control_{{ part }}_change,
        {% endfor %}
        {{ control_mean('change_amount') }} as control_change
    from changes
    where change_amount is not null
    window cells as (partition by design, cell_number, month_number)
),

final as (
    select
        design,
        programme_id,
        segmentation,
        segment,
        customer_kind,
        is_randomised,
        entry_number,
        month_number,
        event_month,
        customer_key,
        cell_number,
        is_active,
        case when is_treated then change_amount - control_change end as gap_amount,
        {% for part in parts %}
        case when is_treated then {{ part }}_change_amount - control_{{ part }}_change end
            as {{ part }}_gap_amount,
        {% endfor %}
        -- As if n − 1 divided, n being as many equal weights as say the same as these.
        (control_change - change_amount) * control_weight
            * {{ ratio('treated_count', 'weight_sum') }}
            * sqrt(1 / nullif(1 - {{ ratio('weight_square_sum', 'weight_sum * weight_sum') }}, 0))
            as control_influence,
        case when not is_treated then (change_amount - control_change) * sqrt(treated_count) end
            as peer_deviation,
        control_weight as peer_weight
    from compared
    where treated_count > 0
        and control_count >= 2
)

select * from final
