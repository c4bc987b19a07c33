-- Twelve-month retention is counted for the levers and for the published claims: one figure.
select
    claims.own_figure,
    levers.baseline_value
from {{ ref('rpt_claims_scorecard') }} as claims
inner join {{ ref('rpt_growth_levers') }} as levers
    on levers.lever = 'retention_5_percent_up'
where claims.claim_id = 'retailers_retain_few'
    and (
        abs(claims.own_figure - levers.baseline_value) > 0.000001
        or claims.unit_count <> levers.retention_customer_count
    )
