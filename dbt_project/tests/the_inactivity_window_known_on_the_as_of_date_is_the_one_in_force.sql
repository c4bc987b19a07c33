-- Two ways to the same percentile: over every pause, and over counts of pauses by month.
select
    in_force.customer_kind,
    in_force.inactivity_window_days,
    known.inactivity_window_days as known_window_days
from {{ ref('int_inactivity_windows') }} as in_force
cross join {{ ref('stg_run__parameters') }} as run_parameters
inner join {{ ref('int_risk__windows') }} as known
    on known.customer_kind = in_force.customer_kind
    and known.known_date = run_parameters.as_of_date
where known.inactivity_window_days <> in_force.inactivity_window_days
