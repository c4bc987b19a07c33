-- Grain: one row per design, programme, segmentation, entry month, customer compared and month
{{ config(materialized='view') }}
with

candidates as (select * from {{ ref('int_programme_matched_sample') }}),

outcomes as (select * from {{ ref('int_programme_outcomes') }}),

untouched as (select * from {{ ref('int_programme_censoring_weights') }}),

-- Other designs ask the same of what a programme must not make worse (answers to surveys, and the
-- support a month as a customer costs: whoever is kept costs support, which is no harm), and where
-- nothing happened, of untreated drawn to stand where the treated did. A draw checks the
-- arithmetic; it cannot show how the treated were chosen.
designs as (
    {% for design in ['effect', 'satisfaction', 'effort', 'support_load', 'placebo_cohort'] %}
    select '{{ design }}' as design
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

-- From nine months before entry until something else happens to the customer, or those who entered
-- with them have left the programme. Who is left stands in
-- for those like them who are not: the untreated for those taken into any programme since, the
-- treated for those taken into another one. Weighted on one side only, a second programme that
-- takes those who rise would make the first look harmful.
final as (
    select
        designs.design,
        candidates.programme_id,
        candidates.segmentation,
        candidates.segment,
        candidates.customer_kind,
        candidates.entry_number,
        candidates.customer_key,
        candidates.is_randomised,
        candidates.cell_number,
        candidates.level_amount,
        case designs.design
            when 'satisfaction' then candidates.answer_level_score
            when 'effort' then candidates.effort_level_score
            when 'support_load' then candidates.support_base_amount
            else candidates.base_amount
        end as base_amount,
        candidates.is_treated
            or (designs.design = 'placebo_cohort' and candidates.pretended_number is not null)
            as is_treated,
        case
            when designs.design <> 'placebo_cohort'
                and outcomes.month_number > candidates.entry_number
                and not candidates.is_randomised
                then exp(coalesce(candidates.entry_log_untouched - untouched.log_untouched, 0))
            else 1
        end as month_weight,
        outcomes.month_number,
        outcomes.month_number - candidates.entry_number as months_since_entry,
        outcomes.is_active,
        case designs.design
            when 'satisfaction' then outcomes.answer_score
            when 'effort' then outcomes.effort_score
            when 'support_load' then outcomes.support_amount
            else outcomes.outcome_amount
        end as outcome_amount,
        outcomes.previous_outcome_amount as month_before_amount,
        outcomes.referred_amount <> 0 as has_referred,
        -- Who was no customer before, as some in a draw, has nothing to be measured against.
        (case when outcomes.is_active then 0 else -1 end)
            * coalesce(candidates.margin_base_amount, 0) as retained_change_amount,
        coalesce(candidates.support_base_amount, 0) - outcomes.support_amount
            as support_change_amount,
        outcomes.referred_amount - coalesce(candidates.referred_base_amount, 0)
            as referred_change_amount
    from candidates
    cross join designs
    inner join outcomes
        on outcomes.customer_key = candidates.customer_key
        and outcomes.month_number >= candidates.entry_number - 9
        and outcomes.month_number < candidates.until_number
        and outcomes.month_number <= candidates.last_number
    left join untouched
        on untouched.in_programme_id
            = case when candidates.is_treated then candidates.programme_id else '' end
        and untouched.customer_key = outcomes.customer_key
        and untouched.month_number = outcomes.month_number
    where candidates.is_matched
        and case designs.design
            when 'effect' then true
            when 'satisfaction' then outcomes.month_number >= candidates.entry_number
                and outcomes.answer_score is not null
                and candidates.answer_level_score is not null
            when 'effort' then outcomes.month_number >= candidates.entry_number
                and outcomes.effort_score is not null
                and candidates.effort_level_score is not null
            when 'support_load' then outcomes.month_number >= candidates.entry_number
                and outcomes.is_active
                and candidates.support_base_amount is not null
            else outcomes.month_number >= candidates.entry_number
                and not candidates.is_treated
                and coalesce(candidates.pretended_number, candidates.entry_number)
                = candidates.entry_number
        end
)

select * from final
