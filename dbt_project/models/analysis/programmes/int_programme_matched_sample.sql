-- Grain: one row per programme, segmentation, entry month and customer compared
{%- set known_before = [
    'tenure_months', 'level_amount', 'early_outcome_amount', 'risk_rate', 'trend_amount',
    'previous_outcome_amount', 'answer_level_score', 'effort_level_score', 'support_level_amount',
    'base_amount', 'margin_base_amount', 'support_base_amount', 'referred_base_amount',
] %}
with

cells as (
    select * from {{ ref('int_programme_strata') }}
    where treated_count > 0
),

untouched as (select * from {{ ref('int_programme_censoring_weights') }}),

draws as (select * from {{ ref('int_customers__sampling_key') }}),

settings as (
    select {{ setting('programme_controls_per_treated', 'integer') }} as controls_per_treated
    from {{ ref('analyst_settings') }}
),

-- More controls per treated customer cost time and add nothing: a draw, the same in every run.
drawn as (
    select
        cells.*,
        row_number() over (
            partition by cells.cell_number, cells.is_treated
            order by
                md5(concat(cells.programme_id, cells.entry_number, draws.draw_key)),
                cells.customer_key
        ) as draw_number
    from cells
    left join draws
        on draws.customer_key = cells.customer_key
),

final as (
    select
        drawn.programme_id,
        drawn.is_randomised,
        drawn.segmentation,
        drawn.segment,
        drawn.customer_kind,
        drawn.entry_number,
        drawn.customer_key,
        drawn.is_treated,
        -- The placebo cohort: as many untreated as treated, at most every second one, each once.
        min(case
            when not drawn.is_treated
                and drawn.draw_number <= drawn.treated_count
                and drawn.draw_number * 2 <= drawn.control_count
                then drawn.entry_number
        end) over (
            partition by drawn.programme_id, drawn.segmentation, drawn.customer_key
        ) as pretended_number,
        drawn.control_count >= 2
            and drawn.treated_count >= case when drawn.is_randomised then 2 else 1 end
            as is_matched,
        drawn.cell_number,
        drawn.until_number,
        drawn.last_number,
        {% for column in known_before %}
        drawn.{{ column }},
        {% endfor %}
        -- Whoever enters is in no other programme then.
        case when drawn.is_treated then 0 else untouched.log_untouched end as entry_log_untouched
    from drawn
    cross join settings
    left join untouched
        on untouched.in_programme_id = ''
        and untouched.customer_key = drawn.customer_key
        and untouched.month_number = drawn.entry_number
    where drawn.is_treated
        or (
            drawn.control_count >= 2
            and (
                drawn.is_randomised
                or drawn.draw_number <= drawn.treated_count * settings.controls_per_treated
            )
        )
)

select * from final
