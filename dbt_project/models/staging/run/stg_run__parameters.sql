-- Grain: one row, the parameters of this run
with

run_parameters as (select * from {{ source('lake', 'run_parameters') }}),

final as (
    select
        run_id,
        as_of_date,
        -- A month is closed once its last day is over.
        cast(date_trunc('month', as_of_date + interval 1 day) as date) as first_open_month_date,
        time_zone,
        reporting_currency,
        pseudonym_key
    from run_parameters
)

select * from final
