-- Grain: one row per programme and group of customers compared: member, control, non_member
with

summed as (select * from {{ ref('int_programme_members__comparison') }}),

programmes as (select * from {{ ref('stg_crm__programmes') }}),

final as (
    select
        summed.programme_id,
        programmes.name as programme_name,
        programmes.assignment,
        summed.member_group,
        case
            when summed.member_group = 'member' then null
            when summed.member_group = 'control' and programmes.assignment = 'randomised'
                then 'randomised'
            else 'correlational'
        end as evidence,
        summed.first_month_date,
        summed.last_month_date,
        summed.customer_month_count,
        summed.lost_count as lost_customer_month_count,
        {{ ratio('summed.lost_count', 'summed.customer_month_count') }} as monthly_churn_rate,
        round({{ wilson_bound('summed.lost_count', 'summed.customer_month_count', -1) }}, 12)
            as monthly_churn_rate_low,
        round({{ wilson_bound('summed.lost_count', 'summed.customer_month_count', 1) }}, 12)
            as monthly_churn_rate_high,
        summed.net_revenue_amount,
        {{ money(ratio('summed.net_revenue_amount', 'summed.customer_month_count')) }}
            as net_revenue_per_customer_month_amount,
        case when summed.unknown_contribution_count = 0 then summed.contribution_amount end
            as contribution_amount,
        case
            when summed.unknown_contribution_count = 0 then {{ money(ratio(
                'summed.contribution_amount', 'summed.customer_month_count'
            )) }}
        end as contribution_per_customer_month_amount,
        summed.referral_count,
        {{ ratio('1000 * summed.referral_count', 'summed.customer_month_count') }}
            as referrals_per_1000_customer_months,
        summed.nps_answer_count,
        summed.promoter_count,
        summed.detractor_count,
        {{ nps('summed.promoter_count', 'summed.detractor_count', 'summed.nps_answer_count') }}
            as nps,
        round({{ nps_standard_error('summed.promoter_count', 'summed.detractor_count',
            'summed.nps_answer_count') }}, 12) as nps_standard_error
    from summed
    inner join programmes
        on programmes.programme_id = summed.programme_id
)

select * from final
