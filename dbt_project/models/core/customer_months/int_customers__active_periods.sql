-- Grain: one row per customer and unbroken spell of days on which they were active
with

pieces as (select * from {{ ref('int_customers__activity_intervals') }}),

marked as (
    select
        *,
        coalesce(from_date > max(to_date) over (
            partition by customer_key
            order by from_date, to_date
            rows between unbounded preceding and 1 preceding
        ), true) as is_first_piece
    from pieces
    where to_date > from_date
),

numbered as (
    select
        *,
        sum(case when is_first_piece then 1 else 0 end) over (
            partition by customer_key
            order by from_date, to_date
            rows between unbounded preceding and current row
        ) as spell_number
    from marked
),

final as (
    select
        customer_key,
        spell_number,
        min(from_date) as from_date,
        max(to_date) as to_date
    from numbered
    group by customer_key, spell_number
)

select * from final
