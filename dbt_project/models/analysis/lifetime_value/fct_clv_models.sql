-- Grain: one row per fit, model, segment and contract period
with

fitted as (select * from {{ ref('int_clv__fits') }}),

wanted as (select * from {{ ref('int_clv__purchase_fit_specs') }}),

final as (
    select
        fitted.fit,
        fitted.model,
        wanted.segmentation,
        fitted.segment,
        cast(coalesce(fitted.period_months, 0) as int) as period_months,
        wanted.fit_date,
        fitted.reason is null as is_usable,
        fitted.reason as not_usable_reason,
        fitted.customer_count,
        fitted.event_count,
        fitted.minimum_event_count,
        fitted.group_count,
        {%- for name in [
            'alpha', 'beta', 'r', 'a', 'b', 's', 'odds', 'ageing', 'p', 'q', 'gamma',
            'log_likelihood',
        ] %}
        {{ settled('fitted.' ~ name) }} as {{ name }},
        {%- endfor %}
        {{ settled('fitted.same_as_all_p_value') }} as same_as_all_p_value,
        fitted.is_converged,
        fitted.is_on_boundary,
        {{ settled('fitted.spend_correlation') }} as spend_correlation,
        fitted.q > 1 as is_mean_spend_finite
    from fitted
    inner join wanted
        on wanted.fit = fitted.fit
)

select * from final
