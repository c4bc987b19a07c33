-- Grain: one row per customer without contract whose pause is as long as pauses usually are
with

spaced as (select * from {{ ref('int_purchases__intervals') }}),

returns as (select * from {{ ref('fct_customer_roi') }}),

settings as (
    select
        {{ setting('rate_minimum_customers', 'int') }} as minimum_customers,
        {{ setting('repurchase_own_pauses', 'int') }} as own_pauses
    from {{ ref('analyst_settings') }}
),

of_customers as (
    select
        customer_key,
        count(*) as pause_count,
        cast(floor({{ quantile('pause_days', 0.25) }}) as int) as from_days,
        cast(ceil({{ quantile('pause_days', 0.75) }}) as int) as to_days
    from spaced
    where is_over
    group by customer_key
),

of_kinds as (
    select
        customer_kind,
        count(distinct customer_key) as customer_count,
        cast(floor({{ quantile('pause_days', 0.25) }}) as int) as from_days,
        cast(ceil({{ quantile('pause_days', 0.75) }}) as int) as to_days
    from spaced
    where is_over
    group by customer_kind
),

-- Of the pauses that came as far as the window and are known to its end, how many ended inside it.
observed as (
    select
        spaced.customer_kind,
        count(distinct spaced.customer_key) as customer_count,
        count(*) as pause_count,
        count(*) filter (where spaced.is_over and spaced.pause_days <= of_kinds.to_days)
            as bought_count
    from spaced
    inner join of_kinds
        on of_kinds.customer_kind = spaced.customer_kind
    where spaced.pause_days >= of_kinds.from_days
        and (spaced.is_over or spaced.pause_days > of_kinds.to_days)
    group by spaced.customer_kind
),

pausing as (
    select
        spaced.customer_key,
        spaced.customer_kind,
        spaced.business_date,
        spaced.pause_days,
        coalesce(of_customers.pause_count, 0) >= settings.own_pauses as is_own,
        case
            when of_customers.pause_count >= settings.own_pauses then of_customers.from_days
            when of_kinds.customer_count >= settings.minimum_customers then of_kinds.from_days
        end as from_days,
        case
            when of_customers.pause_count >= settings.own_pauses then of_customers.to_days
            when of_kinds.customer_count >= settings.minimum_customers then of_kinds.to_days
        end as to_days
    from spaced
    cross join settings
    left join of_customers
        on of_customers.customer_key = spaced.customer_key
    left join of_kinds
        on of_kinds.customer_kind = spaced.customer_kind
    where not spaced.is_over
),

final as (
    select
        pausing.customer_key,
        'repurchase_window' as trigger,
        concat(
            'last purchase ', pausing.pause_days, ' days ago; ',
            case when pausing.is_own then 'this customer usually buys'
                else 'customers of that kind usually buy' end,
            ' again after ', pausing.from_days, ' to ', pausing.to_days, ' days'
        ) as reason,
        pausing.business_date + pausing.to_days as due_date,
        {{ money(ratio('returns.gross_margin_12m_amount', 'returns.transaction_12m_count')) }}
            as base_amount,
        {{ ratio('observed.bought_count', 'observed.pause_count') }} as rate,
        coalesce(observed.customer_count, 0) as rate_customer_count,
        'baseline' as value_basis,
        'margin per order of 12 months × share of such pauses of that kind that end in the window'
            as value_formula
    from pausing
    inner join returns
        on returns.customer_key = pausing.customer_key
    left join observed
        on observed.customer_kind = pausing.customer_kind
    where pausing.pause_days between pausing.from_days and pausing.to_days
        and returns.is_active
)

select * from final
