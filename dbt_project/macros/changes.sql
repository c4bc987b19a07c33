{#- Metrics of a segment that are a sum over customers divided by another. -#}
{% macro ratio_metrics() -%}
    {{ return([
        'net_revenue_per_customer', 'gross_margin_per_customer', 'support_cost_per_customer',
        'customer_roi', 'margin_per_active_month', 'historic_clv', 'average_transaction_gross',
        'average_deal_size', 'average_contract_value', 'grr_rate', 'nrr_rate',
        'first_reply_time', 'active_days_per_customer',
    ]) }}
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
