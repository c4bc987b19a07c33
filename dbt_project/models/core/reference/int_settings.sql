-- Grain: one row, the settings that analysts may change, in their types
{#- Name, type, and what an empty value stands for where the seed says so. -#}
{%- set settings = [
    ('inactivity_window_days', 'int', none),
    ('default_margin_rate', 'decimal(9, 6)', none),
    ('simple_clv_horizon_months', 'int', none),
    ('programme_segmentations', 'varchar', none),
    ('programme_controls_per_treated', 'int', none),
    ('programme_discount_rate', 'double', none),
    ('onboarding_window_days', 'int', 30),
    ('onboarding_value_days__account', 'int', 1),
    ('onboarding_value_days__person', 'int', 1),
    ('onboarding_stalled_days', 'int', 14),
    ('health_healthy_from', 'double', none),
    ('health_unhealthy_below', 'double', none),
    ('risk_horizon_months', 'int', none),
    ('churn_minimum_lost_customers', 'int', none),
    ('churn_training_months', 'int', none),
    ('churn_sample_customers', 'int', none),
    ('rate_minimum_customers', 'int', none),
    ('risk_usage_drop_rate', 'double', none),
    ('risk_outreach_minutes', 'double', none),
    ('renewal_due_days', 'int', none),
    ('repeat_contact_days', 'int', 7),
    ('form_answer_tickets', 'int', 20),
    ('journey_conversion_days', 'int', 90),
    ('journey_ticket_days', 'int', 7),
    ('repurchase_own_pauses', 'int', none),
    ('win_back_months', 'int', none),
    ('win_back_horizon_months', 'int', none),
    ('call_back_days', 'int', none),
    ('clv_horizon_months', 'int', 36),
    ('clv_discount_rate', 'double', 0),
    ('clv_segmentation', 'varchar', "'all'"),
    ('clv_minimum_events', 'int', 50),
    ('clv_minimum_events__pooled', 'int', 10),
    ('clv_holdout_months', 'int', 0),
    ('clv_holdout_tolerance_rate', 'double', 0),
    ('feedback_owner__relationship', 'varchar', none),
    ('feedback_owner__transactional', 'varchar', none),
] %}
with

analyst_settings as (select * from {{ ref('analyst_settings') }}),

trimmed as (
    select
        setting_name,
        nullif(trim(setting_value), '') as setting_value
    from analyst_settings
),

final as (
    select
        {%- for name, type, fallback in settings %}
        coalesce(
            cast(max(case when setting_name = '{{ name }}' then setting_value end) as {{ type }}),
            {{ 'null' if fallback is none else fallback }}
        ) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from trimmed
)

select * from final
