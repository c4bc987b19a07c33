-- Grain: one row per randomised programme, segmentation, segment and customer compared
{%- set covariates = ['level', 'earlier', 'tenure'] %}
{%- set key = 'programme_id, segmentation, segment' %}
with

months as (
    select * from {{ ref('int_programme_panel') }}
    where is_randomised and design = 'effect'
),

sample as (select * from {{ ref('int_programme_matched_sample') }}),

known as (
    select
        {{ key }},
        cell_number,
        customer_key,
        max(level_amount) as level_amount,
        {{ exact_mean('outcome_amount', 'months_since_entry between -9 and -4') }} as earlier_amount
    from months
    group by {{ key }}, cell_number, customer_key
),

-- From the mean of the cell, of both arms: what does not know the arms leaves the draw as random as
-- it was (Freedman and Lane 1983). What is not known of a customer is taken for the mean.
centred as (
    select
        known.programme_id,
        known.segmentation,
        known.segment,
        known.cell_number,
        known.customer_key,
        {% for column in ['known.level_amount', 'known.earlier_amount', 'sample.tenure_months'] %}
        coalesce({{ column }} - {{ exact_mean(column, over='cells') }}, 0)
            as own_{{ covariates[loop.index0] }}{{ ',' if not loop.last }}
        {% endfor %}
    from known
    inner join sample
        on sample.programme_id = known.programme_id
        and sample.segmentation = known.segmentation
        and sample.cell_number = known.cell_number
        and sample.customer_key = known.customer_key
    window cells as (partition by known.cell_number)
),

-- Gram and Schmidt: of each covariate what those before it do not tell, so that the slopes of a
-- regression on all can be taken one by one; nothing of one that they tell whole.
{% for name in covariates %}
{%- set before = covariates[:loop.index0] %}
{%- set source = 'told_' ~ before[-1] if before else 'centred' %}
left_of_{{ name }} as (
    select
        *,
        own_{{ name }}
            {%- for other in before %}
            - coalesce({{ ratio(
                exact_sum('own_' ~ name ~ ' * ' ~ other, over='programmes', places=8),
                exact_sum(other ~ ' * ' ~ other, over='programmes', places=8)
            ) }}, 0) * {{ other }}
            {%- endfor %} as left_{{ name }}
    from {{ source }}
    window programmes as (partition by {{ key }})
),

told_{{ name }} as (
    select
        *,
        case
            when {{ exact_sum('left_' ~ name ~ ' * left_' ~ name, over='programmes', places=8) }}
                > 1e-6
                * {{ exact_sum('own_' ~ name ~ ' * own_' ~ name, over='programmes', places=8) }}
                then left_{{ name }}
            else 0
        end as {{ name }}
    from left_of_{{ name }}
    window programmes as (partition by {{ key }})
),

{% endfor %}
deviations as (
    select
        {{ key }},
        customer_key,
        outcome_amount - {{ exact_mean('outcome_amount', over='cells') }} as deviation_amount
    from months
    where months_since_entry >= 0
    window cells as (partition by cell_number, month_number)
),

slopes as (
    select
        {{ key }},
        {% for name in covariates %}
        {{ ratio(
            exact_sum('deviation_amount * ' ~ name, places=8),
            exact_sum(name ~ ' * ' ~ name, 'deviation_amount is not null', places=8)
        ) }} as {{ name }}_slope{{ ',' if not loop.last }}
        {% endfor %}
    from deviations
    inner join told_{{ covariates[-1] }}
        using ({{ key }}, customer_key)
    group by {{ key }}
),

final as (
    select
        {{ key }},
        customer_key,
        {{ settled(
            'coalesce(level_slope, 0) * level + coalesce(earlier_slope, 0) * earlier'
                ~ ' + coalesce(tenure_slope, 0) * tenure'
        ) }} as expected_amount
    from told_{{ covariates[-1] }}
    left join slopes
        using ({{ key }})
)

select * from final
