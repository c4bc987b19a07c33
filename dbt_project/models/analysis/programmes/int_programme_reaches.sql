-- Grain: one row per randomised programme, segmentation and segment with enough customers
{%- set keys = ['programme_id', 'segmentation', 'segment'] %}
{%- set key = keys | join(', ') %}
{%- set prime = 2147483647 %}
{%- set draw_count = 1999 %}
with

units as (select * from {{ ref('int_programme_units') }}),

effects as (
    select
        {{ key }},
        {{ ratio(
            exact_sum('deviation_amount', 'is_treated'),
            'sum(case when is_treated then month_count else 0 end)'
        ) }} as effect_amount,
        {{ exact_mean(ratio('deviation_amount', 'month_count'), 'is_treated') }} as treated_mean,
        max(month_count) as longest_month_count,
        count(*) filter (where is_treated) as treated_count,
        count(*) filter (where is_treated and has_outcome) as treated_with_outcome_count,
        count(*) filter (where not is_treated and has_outcome) as control_with_outcome_count
    from units
    group by {{ key }}
    having least(
        count(*) filter (where is_treated), count(*) filter (where not is_treated)
    ) >= {{ var('minimum_compared_customers') }}
),

freed as (
    select
        units.*,
        effects.longest_month_count,
        effects.effect_amount,
        effects.treated_mean,
        units.deviation_amount
            - case when units.is_treated then effects.effect_amount * units.month_count else 0 end
            as residual_amount
    from units
    inner join effects
        using ({{ key }})
),

-- Third moment of the treated, by which few giants among them are known.
moments as (
    select
        {{ key }},
        {{ ascending_mean('power(deviation_amount / month_count - treated_mean, 2)') }} as second,
        {{ ascending_mean('power(deviation_amount / month_count - treated_mean, 3)') }} as third
    from freed
    where is_treated
    group by {{ key }}
),

largest as (
    select
        {{ key }},
        max(abs(residual_amount)) as largest_amount
    from freed
    group by {{ key }}
),

-- In shares of the largest, so that decimals of one width hold them: what is drawn is a ratio. As
-- decimals the sums are the same in whatever order the rows come, and take no longer.
scaled as (
    select
        {{ key }},
        cell_number,
        is_treated,
        unit_number,
        residual_amount / nullif(largest_amount, 0) as residual,
        cast(month_count as double) / longest_month_count as weight
    from freed
    inner join largest
        using ({{ key }})
),

strata as (
    select
        *,
        dense_rank() over (order by {{ key }}, cell_number) as stratum_number,
        {{ ratio(
            'sum(case when is_treated then 1 else 0 end) over strata',
            'count(*) over strata'
        ) }} * {{ prime }} as treated_below
    from scaled
    window strata as (partition by {{ key }}, cell_number)
),

terms as (
    select
        stratum_number,
        unit_number,
        treated_below,
        {% for name, term in {
            'w': 'weight', 's': 'residual', 'ss': 'residual * residual',
            'sw': 'residual * weight', 'ww': 'weight * weight',
        }.items() %}
        cast({{ term }} as decimal(18, 15)) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from strata
),

draws as (
    select draw_number, {% for j in range(4) %}
        {{ hashed_number("concat(draw_number, '|', " ~ j ~ ")") }} as c{{ j }}
        {{- ',' if not loop.last }}{% endfor %}
    from (select {{ number_series(0, draw_count - 1) }} as draw_number) as numbers
),

-- A coin for every unit in every draw: a polynomial of third degree in the unit's number modulo a
-- prime, so that any four coins are independent (Wegman and Carter 1981). Sorting would keep the
-- arms' sizes, to the same errors at ten times the cost.
assigned as (
    select
        draws.draw_number,
        terms.stratum_number,
        count(*) as n1,
        {% for name in ['w', 's', 'ss', 'sw', 'ww'] %}
        cast(sum(terms.{{ name }}) as double) as {{ name }}1{{ ',' if not loop.last }}
        {% endfor %}
    from terms
    cross join draws
    where (
        ((c0 * unit_number + c1) % {{ prime }} * unit_number + c2) % {{ prime }} * unit_number + c3
    ) % {{ prime }} < treated_below
    group by draws.draw_number, terms.stratum_number
),

totals as (
    select
        stratum_number,
        count(*) as n,
        {% for name in ['w', 's', 'ss', 'sw', 'ww'] %}
        cast(sum({{ name }}) as double) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from terms
    group by stratum_number
),

arms as (
    select
        assigned.*,
        totals.n - assigned.n1 as n0,
        {% for name in ['w', 's', 'ss', 'sw', 'ww'] %}
        totals.{{ name }} - assigned.{{ name }}1 as {{ name }}0{{ ',' if not loop.last }}
        {% endfor %}
    from assigned
    inner join totals
        on totals.stratum_number = assigned.stratum_number
    where assigned.n1 >= 2 and totals.n - assigned.n1 >= 2
),

compared as (
    select
        draw_number,
        stratum_number,
        w1 as weight,
        s1 / w1 - s0 / w0 as difference,
        {% for arm in ['1', '0'] %}
        greatest(
            ss{{ arm }} - 2 * s{{ arm }} / w{{ arm }} * sw{{ arm }}
                + power(s{{ arm }} / w{{ arm }}, 2) * ww{{ arm }},
            0
        ) * n{{ arm }} / (n{{ arm }} - 1) / power(w{{ arm }}, 2){{ ' +' if not loop.last }}
        {% endfor %}
            as variance
    from arms
),

row_strata as (
    select distinct {{ key }}, stratum_number from strata
),

drawn as (
    select
        {{ key }},
        draw_number,
        {{ ratio(
            exact_sum('weight * difference'),
            'sqrt(' ~ exact_sum('power(weight, 2) * variance') ~ ')'
        ) }} as t
    from compared
    inner join row_strata
        using (stratum_number)
    group by {{ key }}, draw_number
),

ranked as (
    select
        {{ key }},
        t,
        row_number() over (partition by {{ key }} order by t desc nulls last) as from_above,
        row_number() over (partition by {{ key }} order by t nulls last) as from_below
    from drawn
),

-- The 50th of 1,999 on either side leaves 2.5 % beyond it.
ends as (
    select
        {{ key }},
        max(case when from_above = {{ (draw_count + 1) // 40 }} then t end) as low_reach,
        -max(case when from_below = {{ (draw_count + 1) // 40 }} then t end) as high_reach
    from ranked
    group by {{ key }}
),

-- A treated arm that happened to draw no giant looks worse than it is: with few treated and skewed
-- money the upper end is taken twice as far.
judged as (
    select
        ends.*,
        effects.treated_with_outcome_count,
        effects.control_with_outcome_count,
        effects.treated_count
            < 15 * {{ ratio('power(moments.third, 2)', 'power(moments.second, 3)') }}
            as is_treated_skewed
    from ends
    inner join effects
        using ({{ key }})
    inner join moments
        using ({{ key }})
),

final as (
    select
        {{ key }},
        {{ settled('low_reach') }} as low_reach,
        {{ settled('case when is_treated_skewed then 2 else 1 end * high_reach') }} as high_reach,
        coalesce(is_treated_skewed, false) as is_treated_skewed,
        treated_with_outcome_count,
        control_with_outcome_count
    from judged
)

select * from final
