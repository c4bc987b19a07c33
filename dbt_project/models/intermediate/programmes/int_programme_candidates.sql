-- Grain: one row per programme, segmentation, entry month and customer compared
with

pool as (select * from {{ ref('int_programme_pool') }}),

memberships as (select * from {{ ref('int_programme_segments') }}),

settings as (
    select {{ setting('programme_controls_per_treated', 'integer') }} as controls_per_treated
    from {{ ref('analyst_settings') }}
),

-- Cells say who is compared with whom: in a lottery the arms of one month, elsewhere customers of
-- one segment and kind who were alike in the months before.
celled as (
    select
        pool.*,
        memberships.segmentation,
        memberships.segment,
        case
            when pool.is_randomised
                then concat_ws(
                    '|', memberships.segment, case when pool.level_amount is null then 'new' end
                )
            else concat_ws(
                '|',
                memberships.segment,
                kinds.segment,
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
    inner join memberships as kinds
        on kinds.customer_key = pool.customer_key
        and kinds.segmentation = 'customer_kind'
        and kinds.from_number <= pool.entry_number
        and kinds.to_number > pool.entry_number
    where pool.comparability = 'comparable'
),

cells as (
    select
        programme_id,
        segmentation,
        entry_number,
        cell,
        row_number() over (order by programme_id, segmentation, entry_number, cell) as cell_number,
        count(*) filter (where is_treated) as treated_count,
        count(*) filter (where not is_treated) as control_count
    from celled
    group by programme_id, segmentation, entry_number, cell
),

-- More controls per treated customer cost time and add nothing: a draw by key, the same every run.
drawn as (
    select
        celled.*,
        cells.cell_number,
        cells.treated_count,
        cells.control_count,
        row_number() over (
            partition by cells.cell_number, celled.is_treated
            order by md5(concat(celled.programme_id, celled.customer_key)), celled.customer_key
        ) as draw_number
    from celled
    inner join cells
        on cells.programme_id = celled.programme_id
        and cells.segmentation = celled.segmentation
        and cells.entry_number = celled.entry_number
        and cells.cell = celled.cell
    where cells.treated_count > 0
),

final as (
    select
        drawn.programme_id,
        drawn.is_randomised,
        drawn.segmentation,
        drawn.segment,
        drawn.entry_number,
        drawn.customer_key,
        drawn.is_treated,
        drawn.control_count >= 2 as is_matched,
        drawn.cell_number,
        drawn.until_number,
        drawn.tenure_months,
        drawn.level_amount,
        drawn.trend_amount,
        drawn.previous_outcome_amount,
        drawn.previous_support_amount,
        drawn.previous_referred_amount,
        drawn.margin_level_amount
    from drawn
    cross join settings
    where drawn.is_treated
        or (
            drawn.control_count >= 2
            and (
                drawn.is_randomised
                or drawn.draw_number <= drawn.treated_count * settings.controls_per_treated
            )
        )
)

select * from final
