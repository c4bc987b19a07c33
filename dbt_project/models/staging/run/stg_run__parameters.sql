-- Grain: one row, the parameters of this run
with

run_parameters as (select * from {{ source('lake', 'run_parameters') }}),

final as (
    select
        run_id,
        as_of_date,
        time_zone,
        reporting_currency,
        pseudonym_key
    from run_parameters
)

select * from final
