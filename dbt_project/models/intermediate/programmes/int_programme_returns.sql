-- Grain: one row per programme, segmentation and segment; one for a programme without customers
with

programmes as (select * from {{ ref('stg_crm__programmes') }}),

matches as (select * from {{ ref('int_programme_matches') }}),

paybacks as (select * from {{ ref('int_programme_paybacks') }}),

naive as (select * from {{ ref('int_programme_naive') }}),

estimates as (select * from {{ ref('int_programme_estimates') }}),

-- Below twenty customers a normal interval is too short, and one customer can make the result.
kinds as (
    select
        programme_id,
        segmentation,
        segment,
        {% for kind in ['effect', 'discounted', 'pre_trend', 'placebo', 'placebo_cohort'] %}
        max(effect_amount) filter (where estimate_kind = '{{ kind }}') as {{ kind }}_amount,
        max(standard_error_amount) filter (where estimate_kind = '{{ kind }}') as {{ kind }}_error,
        {% endfor %}
        max(control_customer_count) filter (where estimate_kind = 'effect')
            as control_customer_count
    from estimates
    where matched_customer_count >= {{ least_customers() }}
        and standard_error_amount is not null
    group by programme_id, segmentation, segment
),

final as (
    select
        programmes.programme_id,
        programmes.name as programme_name,
        coalesce(matches.segmentation, 'all') as segmentation,
        coalesce(matches.segment, 'all') as segment,
        coalesce(
            matches.method,
            case when programmes.assignment = 'randomised' then 'randomised' else 'matched' end
        ) as method,
        coalesce(matches.treated_customer_count, 0) as treated_customer_count,
        coalesce(matches.matched_customer_count, 0) as matched_customer_count,
        coalesce(matches.in_another_programme_customer_count, 0)
            as in_another_programme_customer_count,
        coalesce(matches.no_pre_period_customer_count, 0) as no_pre_period_customer_count,
        coalesce(matches.no_similar_customer_count, 0) as no_similar_customer_count,
        coalesce(matches.not_observed_customer_count, 0) as not_observed_customer_count,
        coalesce(matches.overlapping_customer_count, 0) as overlapping_customer_count,
        coalesce(kinds.control_customer_count, 0) as control_customer_count,
        coalesce(paybacks.treated_month_count, 0) as treated_month_count,
        coalesce(paybacks.active_month_count, 0) as active_month_count,
        kinds.effect_amount,
        kinds.effect_error,
        kinds.pre_trend_amount,
        kinds.pre_trend_error,
        kinds.placebo_amount,
        kinds.placebo_error,
        kinds.placebo_cohort_amount,
        kinds.placebo_cohort_error,
        naive.naive_difference_amount,
        nullif(paybacks.cost_amount, 0) as cost_amount,
        nullif(paybacks.discounted_cost_amount, 0) as discounted_cost_amount,
        kinds.effect_amount * paybacks.treated_month_count as benefit_amount,
        kinds.effect_error * paybacks.treated_month_count as benefit_error,
        case when kinds.effect_amount is not null then paybacks.retained_benefit_amount end
            as retained_benefit_amount,
        case when kinds.effect_amount is not null then paybacks.support_benefit_amount end
            as support_benefit_amount,
        case when kinds.effect_amount is not null then paybacks.referral_benefit_amount end
            as referral_benefit_amount,
        kinds.discounted_amount * paybacks.discounted_month_count as discounted_benefit_amount,
        kinds.discounted_error * paybacks.discounted_month_count as discounted_benefit_error,
        case when kinds.effect_amount is not null then paybacks.payback_months end
            as payback_months,
        case when kinds.effect_amount is not null then paybacks.payback_number end
            as payback_number
    from programmes
    left join matches
        on matches.programme_id = programmes.programme_id
    left join paybacks
        on paybacks.programme_id = matches.programme_id
        and paybacks.segmentation = matches.segmentation
        and paybacks.segment = matches.segment
    left join naive
        on naive.programme_id = matches.programme_id
        and naive.segmentation = matches.segmentation
        and naive.segment = matches.segment
    left join kinds
        on kinds.programme_id = matches.programme_id
        and kinds.segmentation = matches.segmentation
        and kinds.segment = matches.segment
        -- Where nobody is a customer any more, only what they were before would be compared.
        and paybacks.active_month_count > 0
)

select * from final
