-- Grain: one row per programme, segmentation, entry month and customer who can be compared then
with

pool as (select * from {{ ref('int_programme_eligible') }}),

memberships as (select * from {{ ref('int_programme_segments') }}),

known as (
    select
        pool.*,
        memberships.segmentation,
        memberships.segment,
        memberships.customer_kind
    from pool
    inner join memberships
        on memberships.customer_key = pool.customer_key
        and memberships.is_published
        and memberships.from_number <= pool.entry_number
        and memberships.to_number > pool.entry_number
    where pool.comparability = 'comparable'
),

-- Thirds of the risk of leaving, of those of a kind who can be compared in a month of entry.
risk_limits as (
    select
        programme_id,
        segmentation,
        customer_kind,
        entry_number,
        {{ quantile('risk_rate', 1 / 3) }} as low_limit,
        {{ quantile('risk_rate', 2 / 3) }} as high_limit
    from known
    where not is_randomised
    group by programme_id, segmentation, customer_kind, entry_number
),

-- Cells say who is compared with whom: in an experiment the arms of one month, elsewhere customers
-- of one segment and kind who brought in as much and were as likely to stay. Wide on purpose: what
-- is subtracted does not hang on the cell, and in narrow ones half of the treated have no
-- counterpart.
grouped as (
    select
        known.*,
        case
            when known.risk_rate > risk_limits.high_limit then 'high'
            when known.risk_rate > risk_limits.low_limit then 'middle'
            when known.risk_rate is not null then 'low'
            else 'unknown'
        end as risk_third
    from known
    left join risk_limits
        on risk_limits.programme_id = known.programme_id
        and risk_limits.segmentation = known.segmentation
        and risk_limits.customer_kind = known.customer_kind
        and risk_limits.entry_number = known.entry_number
),

celled as (
    select
        *,
        case
            when is_randomised
                then concat_ws(
                    '|',
                    segment,
                    -- An account that was drawn is one, whoever of it is new.
                    case when level_amount is null and randomised_unit = 'customer'
                        then 'new'
                    end
                )
            else concat_ws(
                '|',
                segment,
                customer_kind,
                case when is_active_at_start then 'active' else 'inactive' end,
                case when tenure_months >= 12 then 'old' else 'young' end,
                cast({{ level_band('matching_amount', 2.25) }} as {{ dbt.type_string() }}),
                risk_third
            )
        end as cell
    from grouped
),

cells as (
    select
        programme_id, segmentation, entry_number, cell,
        row_number() over (order by programme_id, segmentation, entry_number, cell) as cell_number,
        count(*) filter (where is_treated) as treated_count,
        count(*) filter (where not is_treated) as control_count
    from celled
    group by programme_id, segmentation, entry_number, cell
),

final as (
    select
        celled.*,
        cells.cell_number,
        cells.treated_count,
        cells.control_count
    from celled
    inner join cells
        on cells.programme_id = celled.programme_id
        and cells.segmentation = celled.segmentation
        and cells.entry_number = celled.entry_number
        and cells.cell = celled.cell
)

select * from final
