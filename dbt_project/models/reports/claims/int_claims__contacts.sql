-- Grain: one row per published claim measured by the cost of contacts
{{ config(materialized='view') }}
with

tickets as (select * from {{ ref('fct_tickets') }}),

effort as (select * from {{ ref('int_tickets__effort_score') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

contacts as (
    select
        cast(tickets.support_cost_amount as double) as cost,
        tickets.is_low_effort as is_asked_easy,
        case when effort.is_handling_known then not effort.is_high_effort end as is_shown_easy
    from tickets
    inner join effort
        on effort.ticket_id = tickets.ticket_id
    cross join run_parameters
    where tickets.month_date >= run_parameters.first_open_month_date - interval 12 month
        and tickets.month_date < run_parameters.first_open_month_date
        and tickets.support_cost_amount is not null
),

-- What customers said goes before what their tickets show.
effort_levels as (
    select 1 as basis_rank, is_asked_easy as is_easy, cost
    from contacts
    where is_asked_easy is not null

    union all

    select 2 as basis_rank, is_shown_easy as is_easy, cost
    from contacts
    where is_shown_easy is not null
),

contact_means as (
    select
        basis_rank,
        is_easy,
        count(*) as n,
        round({{ exact_mean('cost') }}, 8) as mean,
        round({{ exact_variance('cost') }} / count(*), 8) as squared_error
    from effort_levels
    group by basis_rank, is_easy
),

contact_pairs as (
    select
        easy.n + hard.n as n,
        easy.mean as easy_mean,
        easy.squared_error as easy_error,
        hard.mean as hard_mean,
        hard.squared_error as hard_error,
        row_number() over (order by easy.basis_rank) as basis_rank
    from contact_means as easy
    inner join contact_means as hard
        on hard.basis_rank = easy.basis_rank
        and not hard.is_easy
    where easy.is_easy
        and least(easy.n, hard.n) > 1
),

cost_ratios as (
    select
        *,
        {{ ratio_of_means('easy_mean', 'hard_mean') }} as cost_ratio,
        {{ log_ratio_error('easy_mean', 'easy_error', 'hard_mean', 'hard_error') }} as log_error
    from contact_pairs
    where basis_rank = 1
),

final as (
    select
        'low_effort_costs_less' as claim_id,
        n,
        round(1 - cost_ratio, 10) as own_figure,
        round(1 - {{ log_bound('cost_ratio', 'log_error', 1) }}, 10) as own_low,
        round(1 - {{ log_bound('cost_ratio', 'log_error', -1) }}, 10) as own_high,
        round(easy_mean, 10) as own_first_figure,
        round(hard_mean, 10) as own_second_figure,
        true as is_association
    from cost_ratios
)

select * from final
