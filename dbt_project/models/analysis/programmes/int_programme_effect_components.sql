-- Grain: one row per programme, segmentation, segment and part of the benefit (referral beside it)
{%- set parts = {
    'retained': 'retained_#',
    'support': 'support_#',
    'expansion': '# - retained_# - support_#',
    'referral': 'referred_#',
} %}
{%- set columns = ['gap_amount', 'control_influence', 'shared_influence', 'deviation_amount'] %}
with

all_gaps as (
    select * from {{ ref('int_programme_did__weighted') }}
    where design = 'effect' and months_since_entry >= 0
),

-- Expansion is what is neither of the two others; so is its error, customer by customer.
gaps as (
    {% for part, figure in parts.items() %}
    select
        programme_id,
        segmentation,
        segment,
        '{{ part }}' as part,
        cell_number,
        customer_key,
        unit_key,
        customer_weight as weight,
        {% for column in columns %}
        {{ figure.replace('#', column) }}
            as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from all_gaps
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

{{ estimates_by_customer(['programme_id', 'segmentation', 'segment', 'part']) }},

final as (
    select
        programme_id,
        segmentation,
        segment,
        part,
        effect_amount,
        effect_standard_error_amount
    from estimates
)

select * from final
