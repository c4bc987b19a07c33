-- Grain: one row per programme, segmentation, entry month and customer of a cell with treated
{{ config(materialized='view') }}
with

pool as (select * from {{ ref('int_programme_eligible') }}),

memberships as (select * from {{ ref('int_programme_segments') }}),

-- Cells say who is compared with whom: in a lottery the arms of one month, elsewhere customers of
-- one segment and kind who were alike in the months before.
celled as (
    select
        pool.*,
        memberships.segmentation,
        memberships.segment,
        memberships.customer_kind,
        case
            when pool.is_randomised
                then concat_ws(
                    '|',
                    memberships.segment,
                    -- An account that was drawn is one, whoever of it is new.
                    case when pool.level_amount is null and pool.randomised_unit = 'customer'
                        then 'new'
                    end
                )
            else concat_ws(
                '|',
                memberships.segment,
                memberships.customer_kind,
                case when pool.is_active_at_start then 'active' else 'inactive' end,
                {% for band in ['tenure_band', 'level_band', 'trend_band'] %}
                cast(pool.{{ band }} as {{ dbt.type_string() }}){{ ',' if not loop.last }}
                {% endfor %}
            )
        end as cell
    from pool
    inner join memberships
        on memberships.customer_key = pool.customer_key
        and memberships.is_published
        and memberships.from_number <= pool.entry_number
        and memberships.to_number > pool.entry_number
    where pool.comparability = 'comparable'
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
    where cells.treated_count > 0
)

select * from final
