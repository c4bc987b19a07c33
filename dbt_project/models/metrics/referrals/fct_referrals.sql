-- Grain: one row per customer who was referred
with

customers as (select * from {{ ref('dim_customers') }}),

returns as (select * from {{ ref('fct_customer_roi') }}),

enrolments as (select * from {{ ref('int_enrolments__by_local_date') }}),

responses as (select * from {{ ref('fct_survey_responses') }}),

-- Won by referral, whether or not the extract says by whom.
flagged_customers as (
    select
        *,
        coalesce(signup_date, first_seen_date) as start_date,
        customer_key <> 'unknown' and (
            referred_by_customer_key is not null
            or coalesce({{ normalised('acquisition_channel') }} = 'referral', false)
        ) as is_referred
    from customers
),

other_customers as (
    select
        customer_kind,
        count(acquisition_cost_amount) as known_count,
        {{ money('avg(acquisition_cost_amount)') }} as mean_amount
    from flagged_customers
    where not is_referred
    group by customer_kind
),

referrals as (
    select *
    from flagged_customers
    where is_referred
),

-- What the referrer was on the day the referred customer came.
memberships as (
    select
        referrals.customer_key,
        count(distinct enrolments.programme_id) as programme_count
    from referrals
    inner join enrolments
        on enrolments.customer_key = referrals.referred_by_customer_key
        and enrolments.arm = 'treated'
        and enrolments.enrolled_date <= referrals.start_date
        and enrolments.left_date > referrals.start_date
    group by referrals.customer_key
),

opinions as (
    select
        referrals.customer_key,
        max_by(responses.nps_class, concat(
            cast(responses.business_date as varchar(10)), responses.response_id
        )) as nps_class
    from referrals
    inner join responses
        on responses.customer_key = referrals.referred_by_customer_key
        and responses.survey_scope = 'relationship'
        and responses.nps_class is not null
        and responses.business_date <= referrals.start_date
    group by referrals.customer_key
),

final as (
    select
        referrals.customer_key as referred_customer_key,
        coalesce(referrals.referred_by_customer_key, 'unknown') as referrer_customer_key,
        referrals.start_date as referral_date,
        cast(date_trunc('month', referrals.start_date) as date) as month_date,
        referrals.customer_kind,
        returns.is_active,
        returns.net_revenue_lifetime_amount as net_revenue_lifetime_amount,
        returns.historic_clv_amount as historic_clv_amount,
        returns.support_cost_unknown_month_count,
        referrals.acquisition_cost_amount,
        coalesce(other_customers.known_count, 0) as other_acquisition_cost_known_count,
        other_customers.mean_amount as other_acquisition_cost_mean_amount,
        {{ money('other_customers.mean_amount - referrals.acquisition_cost_amount') }}
            as acquisition_cost_saved_amount,
        case
            when referrals.referred_by_customer_key is not null
                then coalesce(memberships.programme_count, 0)
        end as referrer_programme_count,
        case
            when referrals.referred_by_customer_key is not null
                then coalesce(memberships.programme_count, 0) > 0
        end as is_referrer_member,
        opinions.nps_class as referrer_nps_class
    from referrals
    inner join returns
        on returns.customer_key = referrals.customer_key
    left join other_customers
        on other_customers.customer_kind = referrals.customer_kind
    left join memberships
        on memberships.customer_key = referrals.customer_key
    left join opinions
        on opinions.customer_key = referrals.customer_key
)

select * from final
