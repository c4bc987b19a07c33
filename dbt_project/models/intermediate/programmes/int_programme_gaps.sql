-- Grain: one row per design, programme, segmentation, entry month, customer compared and month
with

changes as (select * from {{ ref('int_programme_changes') }}),

compared as (
    select
        *,
        sum(case when is_treated then 1 else 0 end) over cells as treated_count,
        sum(case when is_treated then 0 else 1 end) over cells as control_count,
        avg(case when is_treated then null else change_amount end) over cells as control_change,
        avg(case when is_treated then null else retained_change_amount end) over cells
            as control_retained_change,
        avg(case when is_treated then null else support_change_amount end) over cells
            as control_support_change,
        avg(case when is_treated then null else referred_change_amount end) over cells
            as control_referred_change
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
        entry_number,
        month_number,
        event_month,
        customer_key,
        case when is_treated then change_amount - control_change end as gap_amount,
        case when is_treated then retained_change_amount - control_retained_change end
            as retained_gap_amount,
        case when is_treated then support_change_amount - control_support_change end
            as support_gap_amount,
        case when is_treated then referred_change_amount - control_referred_change end
            as referred_gap_amount,
        case
            when is_treated then 0
            else (control_change - change_amount)
                * {{ ratio('treated_count', 'control_count') }}
                * sqrt({{ ratio('control_count', 'control_count - 1') }})
        end as control_influence
    from compared
    where treated_count > 0
        and control_count >= 2
)

select * from final
