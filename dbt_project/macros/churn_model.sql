{#- Parts of the predicted log odds that are published, in this order: the components of health, the
    share of the MRR under notice, and whether there is a contract. -#}
{% macro churn_parts() -%}
    {{ return([
        'usage', 'feedback', 'support', 'commercial', 'relationship', 'notice', 'contract',
    ]) }}
{%- endmacro %}

{#- Features of the churn-risk model, in the order of its coefficients. -#}
{% macro churn_features() -%}
    {{ return([
        'usage', 'usage_missing', 'feedback', 'feedback_missing', 'support', 'support_missing',
        'commercial', 'commercial_missing', 'relationship', 'relationship_missing', 'notice',
        'contract',
    ]) }}
{%- endmacro %}

{#- What a feature adds to the log odds: slope × distance from the mean; 0 where it is not known or
    did not vary when the model was fitted. -#}
{% macro log_odds_added(feature) -%}
    coalesce(models.{{ feature }}_slope * (features.{{ feature }} - models.{{ feature }}_mean), 0)
{%- endmacro %}

{#- Key of a back-test. -#}
{% macro backtest_keys(relation=none) -%}
    {%- for key in ['score_kind', 'population', 'customer_kind', 'is_pooled', 'score_date'] -%}
        {% if relation %}{{ relation }}.{% endif %}{{ key }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
{% macro same_backtest(one, other) -%}
    {{ same(one, other, ['score_kind', 'population', 'customer_kind', 'is_pooled', 'score_date']) }}
{%- endmacro %}

{#- Placement value (DeLong 1988): share of the observations with the other outcome that the score
    orders rightly against this one, ties counted half. From the counts of lost and kept at this
    score, up to it, and of all; the score rises with the risk. -#}
{% macro placement_value() -%}
    case
            when is_lost then {{ ratio('kept_up_to_count - kept_equal_count / 2.0', 'kept_count') }}
            else {{ ratio('lost_count - lost_up_to_count + lost_equal_count / 2.0',
                'lost_count') }}
        end
{%- endmacro %}

{#- Divisor of a placement value's distance from the AUC that makes the squares add up to DeLong's
    variance. -#}
{% macro placement_divisor() -%}
    nullif(sqrt(
            case
                when is_lost then lost_count * (lost_count - 1.0)
                else kept_count * (kept_count - 1.0)
            end
        ), 0)
{%- endmacro %}
