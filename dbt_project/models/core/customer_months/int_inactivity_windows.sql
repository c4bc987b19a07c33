-- Grain: one row per kind of customer (account, person, unknown) and quarter with a record
{%- set evidences = ['purchase', 'use'] %}
with

pauses as (select * from {{ ref('int_purchase_intervals__percentiles') }}),

transactions as (select * from {{ ref('int_transactions__by_customer_month') }}),

touches as (select * from {{ ref('int_interactions__by_customer_month') }}),

customers as (select * from {{ ref('int_customers__golden_record') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

settings as (
    select {{ setting('inactivity_window_days', 'int') }} as setting_days
    from {{ ref('analyst_settings') }}
),

kinds as (
    select 'account' as customer_kind
    union all
    select 'person' as customer_kind
    union all
    select 'unknown' as customer_kind
),

evidence as (
    select customer_key, 'purchase' as evidence, month_date
    from transactions
    where last_purchase_date is not null
    union all
    select customer_key, 'use' as evidence, month_date
    from touches
    where last_use_date is not null
),

records as (
    select
        kinds.customer_kind,
        min(evidence.month_date) as first_month_date
        {%- for kind in evidences %},
        min(case when evidence.evidence = '{{ kind }}' then evidence.month_date end)
            as first_{{ kind }}_month_date
        {%- endfor %}
    from kinds
    left join customers
        on customers.customer_kind = kinds.customer_kind
    left join evidence
        on evidence.customer_key = customers.customer_key
    group by kinds.customer_kind
),

spine as (
    select
        {{ date_spine('coalesce(min(records.first_month_date), max(run_parameters.as_of_date))',
            'max(run_parameters.as_of_date)', 'month') }} as month_at
    from records
    cross join run_parameters
),

quarters as (
    select distinct cast(date_trunc('quarter', month_at) as date) as quarter_date
    from spine
),

windowed as (
    select
        records.*,
        quarters.quarter_date,
        coalesce(settings.setting_days, own.usual_days, whole.usual_days, 365)
            as inactivity_window_days,
        case
            when settings.setting_days is not null then 'setting'
            when own.usual_days is not null then 'p95_of_kind'
            when whole.usual_days is not null then 'p95_of_all'
            else 'one_year'
        end as inactivity_window_rule
    from records
    cross join quarters
    cross join settings
    left join pauses as own
        on own.customer_kind = records.customer_kind
        and own.quarter_date = quarters.quarter_date
    left join pauses as whole
        on whole.customer_kind = 'all'
        and whole.quarter_date = quarters.quarter_date
),

-- What came on record later than the rest counts from when it covers a whole window: who left
-- would differ before and after for no other reason than that.
final as (
    select
        customer_kind,
        quarter_date,
        inactivity_window_days,
        inactivity_window_rule
        {%- for kind in evidences %},
        coalesce(
            date_trunc('quarter', first_{{ kind }}_month_date)
            = date_trunc('quarter', first_month_date)
            or {{ days_between('first_' ~ kind ~ '_month_date + interval 1 month',
                'quarter_date') }} >= inactivity_window_days,
            false
        ) as is_{{ kind }}_counted
        {%- endfor %}
    from windowed
)

select * from final
