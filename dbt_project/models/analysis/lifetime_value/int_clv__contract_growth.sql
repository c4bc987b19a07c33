-- Grain: one row per fit, by how much contracts that stay grow in a year
with

months as (select * from {{ ref('fct_customer_months') }}),

fits as (select * from {{ ref('int_clv__fit_specs') }}),

settings as (
    select {{ setting('rate_minimum_customers', 'int') }} as minimum_customers
    from {{ ref('analyst_settings') }}
),

-- MRR of each customer when the last twelve closed months began, and when they ended.
dated as (
    select
        fits.fit,
        months.customer_key,
        sum(months.mrr_begin_contract_rate_amount) filter (
            where {{ month_index('months.month_date') }}
                = {{ month_index('fits.fit_date + 1') }} - 12
        ) as begin_amount,
        sum(months.mrr_end_contract_rate_amount) filter (
            where {{ month_index('months.month_date') }}
                = {{ month_index('fits.fit_date + 1') }} - 1
        ) as end_amount
    from months
    inner join fits
        on last_day(months.month_date) <= fits.fit_date
        and {{ month_index('months.month_date') }} >= {{ month_index('fits.fit_date + 1') }} - 12
    group by fits.fit, months.customer_key
),

summed as (
    select
        fit,
        count(*) as n,
        cast(sum(begin_amount) as double) as x,
        cast(sum(end_amount) as double) as y,
        {{ product_sum('begin_amount', 'begin_amount') }} as xx,
        {{ product_sum('begin_amount', 'end_amount') }} as xy,
        {{ product_sum('end_amount', 'end_amount') }} as yy
    from dated
    where begin_amount > 0
        and end_amount > 0
    group by fit
),

final as (
    select
        summed.fit,
        summed.n as customer_count,
        {{ settled(ratio('summed.y', 'summed.x') ~ ' - 1') }} as growth_rate,
        {{ settled('sqrt(' ~ ratio_squared_error('summed.n', 'summed.x', 'summed.yy', 'summed.xy',
            'summed.xx', ratio('summed.y', 'summed.x')) ~ ')') }} as growth_standard_error
    from summed
    cross join settings
    where summed.n >= settings.minimum_customers
)

select * from final
