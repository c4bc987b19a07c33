-- Grain: one row per published claim that the cost of contacts can speak to
with

tickets as (select * from {{ ref('fct_tickets') }}),

effort as (select * from {{ ref('int_tickets__effort_score') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

year_of_data as (
    select
        cast(first_open_month_date - interval 12 month as date) as from_date,
        first_open_month_date as to_date
    from run_parameters
),

contacts as (
    select
        cast(tickets.support_cost_amount as double) as cost,
        tickets.is_low_effort as is_easy_said,
        case when effort.is_handling_known then not effort.is_high_effort end as is_easy_shown
    from tickets
    inner join effort
        on effort.ticket_id = tickets.ticket_id
    cross join year_of_data
    where tickets.month_date >= year_of_data.from_date
        and tickets.month_date < year_of_data.to_date
        and tickets.support_cost_amount is not null
),

-- What customers said goes before what their tickets show.
contact_means as (
    {% for rank, basis in [(1, 'said'), (2, 'shown')] %}
    select
        {{ rank }} as basis_rank,
        is_easy_{{ basis }} as is_easy,
        count(*) as n,
        round({{ exact_mean('cost') }}, 8) as mean,
        round({{ exact_variance('cost') }} / count(*), 8) as error
    from contacts
    where is_easy_{{ basis }} is not null
    group by 1, 2
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

contact_pairs as (
    select
        easy.n + hard.n as n,
        easy.mean as easy_mean,
        easy.error as easy_error,
        hard.mean as hard_mean,
        hard.error as hard_error,
        row_number() over (order by easy.basis_rank) as basis_rank
    from contact_means as easy
    inner join contact_means as hard
        on hard.basis_rank = easy.basis_rank
        and not hard.is_easy
    where easy.is_easy
        and least(easy.n, hard.n) > 1
),

final as (
    select
        'low_effort_costs_less' as claim_id,
        n,
        {{ claimed_ratio(
            'easy_mean', 'easy_error', 'hard_mean', 'hard_error', less=1, is_reversed=true
        ) }},
        true as is_association
    from contact_pairs
    where basis_rank = 1
)

select * from final
