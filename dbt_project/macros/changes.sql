{#- Metrics of a segment that are a sum over customers divided by another. -#}
{% macro ratio_metrics() -%}
    {{ return([
        'net_revenue_per_customer', 'gross_margin_per_customer', 'support_cost_per_customer',
        'customer_roi', 'margin_per_active_month', 'historic_clv', 'average_transaction_gross',
        'average_deal_size', 'average_contract_value', 'grr_rate', 'nrr_rate',
        'first_reply_time', 'active_days_per_customer',
    ]) }}
{%- endmacro %}

{#- Metrics of a segment that are a share: name, hits, total. -#}
{% macro share_metrics() -%}
    {{ return([
        ('churn_rate', 'lost_count', 'customers_at_start_count'),
        ('replied_ticket_rate', 'replied_ticket_count', 'ticket_count'),
        ('high_effort_ticket_rate', 'high_effort_ticket_count', 'handling_known_ticket_count'),
        ('csat_rate', 'csat_good_count', 'csat_answer_count'),
        ('ces_low_effort_rate', 'ces_low_effort_count', 'ces_answer_count'),
    ]) }}
{%- endmacro %}

{#- Product of two amounts with a fixed scale: sums of it are the same in whatever order. -#}
{% macro exact_product(one, other) -%}
    cast(cast({{ one }} as double) * cast({{ other }} as double) as decimal(28, 4))
{%- endmacro %}

{#- Squared standard error of a ratio of sums over n units, from the sums of squares and products:
    the variance of what is left of y after its share of x (linearisation). -#}
{% macro ratio_squared_error(n, x, yy, xy, xx, value) -%}
    case when {{ n }} > 1 and {{ value }} is not null then
        ({{ squares_left(
            '(' ~ yy ~ ' - 2 * ' ~ value ~ ' * ' ~ xy ~ ' + ' ~ value ~ ' * ' ~ value ~ ' * '
            ~ xx ~ ')', yy
        ) }}) * {{ n }} / ({{ n }} - 1) / ({{ x }} * {{ x }})
    end
{%- endmacro %}

{#- Bound of the 95 % interval of a difference of two independent shares from their Wilson bounds
    (Newcombe 1998, method 10): -1 lower, 1 upper. -#}
{% macro newcombe_bound(one, other, side) -%}
    {%- set near, far = ('low', 'high') if side < 0 else ('high', 'low') -%}
    {{ one }}.value - {{ other }}.value + {{ side }} * sqrt(
        power({{ one }}.value - {{ one }}.{{ near }}, 2)
        + power({{ other }}.{{ far }} - {{ other }}.value, 2)
    )
{%- endmacro %}
