-- Grain: one row per segmentation, segment, period kind and closed period with a contract due
with

due as (select * from {{ ref('int_renewals__due') }}),

memberships as (select * from {{ ref('int_customer_segments__backdated') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

dated as (
    {% for period_kind, months in [('month', 1), ('quarter', 3)] %}
    select
        due.*,
        '{{ period_kind }}' as period_kind,
        cast(date_trunc('{{ period_kind }}', due.due_date) as date) as period_date
    from due
    cross join run_parameters
    where date_trunc('{{ period_kind }}', due.due_date) + interval {{ months }} month
        <= run_parameters.first_open_month_date
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

summed as (
    select
        memberships.segmentation,
        memberships.segment,
        dated.period_kind,
        dated.period_date,
        count(*) as due_count,
        {% for outcome in ['renewed', 'lapsed', 'open'] %}
        count(*) filter (where dated.outcome = '{{ outcome }}') as {{ outcome }}_count,
        cast(
            coalesce(sum(dated.acv_amount) filter (where dated.outcome = '{{ outcome }}'), 0)
            as decimal(18, 4)
        ) as {{ outcome }}_acv_amount,
        {% endfor %}
        {% for change in ['same', 'higher', 'lower'] %}
        count(*) filter (where dated.price_change = '{{ change }}')
            as renewed_{{ change }}_price_count,
        {% endfor %}
        count(*) filter (where dated.due_basis = 'anniversary') as auto_renewed_count,
        count(*) filter (
            where dated.acv_amount is null
                or (dated.outcome = 'renewed' and dated.renewed_to_acv_amount is null)
        ) as unconverted_count,
        {{ money('coalesce(sum(dated.acv_amount), 0)') }} as due_acv_amount,
        {{ money('coalesce(sum(dated.renewed_to_acv_amount), 0)') }} as renewed_to_acv_amount
    from dated
    inner join memberships
        on memberships.customer_key = dated.customer_key
        and memberships.valid_from_date <= dated.period_date
        and memberships.valid_to_date > dated.period_date
    group by memberships.segmentation, memberships.segment, dated.period_kind, dated.period_date
),

-- While one can still be renewed the rate is not known: renewals come before lapses are certain.
final as (
    select
        segmentation,
        segment,
        period_kind,
        period_date,
        due_count,
        renewed_count,
        renewed_same_price_count,
        renewed_higher_price_count,
        renewed_lower_price_count,
        auto_renewed_count,
        lapsed_count,
        open_count,
        unconverted_count,
        due_acv_amount,
        renewed_acv_amount,
        renewed_to_acv_amount,
        lapsed_acv_amount,
        open_acv_amount,
        case when open_count = 0 then {{ ratio('renewed_count', 'due_count') }} end
            as renewal_rate,
        case when open_count = 0
            then {{ settled(wilson_bound('renewed_count', 'due_count', -1)) }}
        end as renewal_rate_low,
        case when open_count = 0
            then {{ settled(wilson_bound('renewed_count', 'due_count', 1)) }}
        end as renewal_rate_high
    from summed
)

select * from final
