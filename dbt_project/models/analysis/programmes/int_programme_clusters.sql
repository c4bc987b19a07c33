-- Grain: one row per programme chosen by a rule, segmentation and segment: its groups of customers
{%- set key = 'programme_id, segmentation, segment' %}
with

gaps as (
    select * from {{ ref('int_programme_did__weighted') }}
    where design = 'effect' and months_since_entry >= 0 and not is_randomised
),

memberships as (
    select * from {{ ref('bridge_customer_segments') }}
    where segmentation in ('region', 'country', 'industry') and segment <> 'unknown'
),

customers as (
    select
        {{ key }},
        customer_key,
        min(entry_number) as entry_number,
        {{ exact_sum('case when gap_amount is not null then customer_weight end') }}
            as treated_weight,
        {{ exact_sum('control_weight * customer_weight') }} as control_weight,
        {{ exact_sum('control_influence * customer_weight') }} as control_sum
    from gaps
    group by {{ key }}, customer_key
),

-- Where they belonged when the first were compared, so that a move changes no verdict.
clusters as (
    select
        customers.programme_id,
        customers.segmentation,
        customers.segment,
        memberships.segmentation as attribute,
        memberships.segment as cluster_name,
        coalesce({{ exact_sum('customers.treated_weight') }}, 0) as treated_weight,
        coalesce({{ exact_sum('customers.control_weight') }}, 0) as control_weight,
        coalesce({{ exact_sum('customers.control_sum') }}, 0) as control_sum
    from customers
    inner join memberships
        on memberships.customer_key = customers.customer_key
        and memberships.valid_from_date <= {{ month_of_index('customers.entry_number') }}
        and memberships.valid_to_date > {{ month_of_index('customers.entry_number') }}
    group by
        customers.programme_id,
        customers.segmentation,
        customers.segment,
        memberships.segmentation,
        memberships.segment
),

shares as (
    select
        *,
        {{ ratio('treated_weight', exact_sum('treated_weight', over='attributes')) }}
            as treated_share,
        {{ ratio('control_weight', exact_sum('control_weight', over='attributes')) }}
            as control_share,
        {{ ratio('control_sum', exact_sum('control_weight', over='attributes')) }}
            as control_shift
    from clusters
    window attributes as (partition by {{ key }}, attribute)
),

-- How far clusters of untreated drift apart says how far those of the treated may have.
spreads as (
    select
        {{ key }},
        attribute,
        count(*) filter (where treated_share > 0) as treated_cluster_count,
        {{ ratio('1', exact_sum('control_share * control_share')) }} as untreated_cluster_count,
        {{ exact_sum('abs(treated_share - control_share)') }} / 2 as distance,
        {{ exact_sum('power(treated_share - control_share, 2)') }} as imbalance,
        {{ ratio(
            exact_sum(ratio('control_shift * control_shift', 'control_share'), places=8),
            '1 - ' ~ exact_sum('control_share * control_share')
        ) }} as cluster_variance
    from shares
    where treated_share is not null and control_share is not null
    group by {{ key }}, attribute
),

errors as (
    select
        *,
        sqrt(coalesce(cluster_variance, 0) * imbalance) as error_amount,
        distance > 0.5 and untreated_cluster_count < {{ var('minimum_untreated_clusters') }}
            as is_too_few
    from spreads
),

-- Of several attributes the one that makes most of a difference.
ranked as (
    select
        *,
        row_number() over (
            partition by {{ key }}
            order by is_too_few desc, error_amount desc, attribute
        ) as attribute_rank
    from errors
),

final as (
    select
        {{ key }},
        attribute,
        treated_cluster_count,
        {{ settled('untreated_cluster_count') }} as untreated_cluster_count,
        {{ settled('distance') }} as distance,
        is_too_few,
        {{ settled('error_amount') }} as error_amount
    from ranked
    where attribute_rank = 1
)

select * from final
