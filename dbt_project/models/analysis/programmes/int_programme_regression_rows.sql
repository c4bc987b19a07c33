-- Grain: one row per programme, segmentation, entry month and customer treated then or never
{{ config(materialized='view') }}
with

cells as (
    select * from {{ ref('int_programme_strata') }}
    where not is_randomised
),

outcomes as (select * from {{ ref('int_programme_outcomes') }}),

untouched as (
    select * from {{ ref('int_programme_censoring_weights') }}
    where in_programme_id = ''
),

draws as (select * from {{ ref('int_customers__sampling_key') }}),

last_months as (
    select max(month_number) as month_number from outcomes
),

-- In no other programme in any of the months that count.
candidates as (
    select
        cells.*,
        least(cells.last_number, last_months.month_number) as end_number
    from cells
    cross join last_months
    where cells.until_number > least(cells.last_number, last_months.month_number)
),

-- Of many untreated as many as a regression needs, the same in every run.
drawn as (
    select
        candidates.*,
        row_number() over (
            partition by
                candidates.programme_id,
                candidates.segmentation,
                candidates.segment,
                candidates.entry_number,
                candidates.is_treated
            order by
                md5(concat(candidates.programme_id, candidates.entry_number, draws.draw_key)),
                candidates.customer_key
        ) as draw_number
    from candidates
    left join draws
        on draws.customer_key = candidates.customer_key
),

kept as (
    select * from drawn
    where is_treated or draw_number <= {{ var('regression_controls') }}
),

followed as (
    select
        kept.programme_id,
        kept.segmentation,
        kept.entry_number,
        kept.customer_key,
        {{ exact_mean('outcomes.outcome_amount') }} as outcome_amount,
        {{ ratio(
            'sum(case when outcomes.is_active then 0 else 1 end)', 'count(*)'
        ) }} as left_rate
    from kept
    inner join outcomes
        on outcomes.customer_key = kept.customer_key
        and outcomes.month_number >= kept.entry_number
        and outcomes.month_number <= kept.end_number
    group by kept.programme_id, kept.segmentation, kept.entry_number, kept.customer_key
),

-- Who is in no programme until then stands for those like them who are not any more.
final as (
    select
        kept.programme_id,
        kept.segmentation,
        kept.segment,
        kept.entry_number,
        kept.customer_key,
        kept.customer_kind,
        kept.cell_number,
        kept.is_treated,
        kept.end_number - kept.entry_number + 1 as month_count,
        case
            when kept.is_treated then 1
            else exp(least(
                coalesce(at_entry.log_untouched - by_now.log_untouched, 0), 4
            ))
        end as weight,
        followed.outcome_amount,
        followed.left_rate,
        kept.base_amount,
        kept.early_outcome_amount as early_amount,
        kept.level_amount as level,
        kept.previous_outcome_amount - kept.level_amount as last_step,
        ln(1 + cast(greatest(kept.tenure_months, 0) as double)) as tenure,
        kept.risk_rate as risk,
        kept.answer_level_score as answer,
        case when kept.is_active_at_start then 1.0 else 0.0 end as active
    from kept
    inner join followed
        on followed.programme_id = kept.programme_id
        and followed.segmentation = kept.segmentation
        and followed.entry_number = kept.entry_number
        and followed.customer_key = kept.customer_key
    left join untouched as at_entry
        on at_entry.customer_key = kept.customer_key
        and at_entry.month_number = kept.entry_number
    left join untouched as by_now
        on by_now.customer_key = kept.customer_key
        and by_now.month_number = kept.end_number
    where followed.outcome_amount is not null
)

select * from final
