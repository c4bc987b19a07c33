{#- What the churn-risk model looks at: components of health, which of them are missing, the
    share of the MRR under notice, and whether there is a contract. A part has a contribution of its
    own in fct_churn_risk. -#}
{% macro churn_parts() -%}
    {{ return(['usage', 'feedback', 'support', 'commercial', 'relationship', 'notice',
        'contract']) }}
{%- endmacro %}
{% macro churn_components() -%} {{ return(churn_parts()[:5]) }} {%- endmacro %}
{% macro churn_features() -%}
    {%- set features = [] -%}
    {%- for component in churn_components() -%}
        {%- do features.extend([component, component ~ '_missing']) -%}
    {%- endfor -%}
    {{ return(features + ['notice', 'contract']) }}
{%- endmacro %}

{#- What a part adds to the log odds of leaving: per feature, slope × distance from the mean. What
    is not known, did not vary when the model was fitted, or is the mean adds nothing. -#}
{% macro churn_contribution(part) -%}
    {%- set features = [part] + ([part ~ '_missing'] if part in churn_components() else []) -%}
    {%- for feature in features -%}
        coalesce(
            models.{{ feature }}_slope * (features.{{ feature }} - models.{{ feature }}_mean), 0
        ){{ ' + ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Raised when the features, the penalty or the outcome change, so that figures are comparable. -#}
{% macro churn_model_version() -%} 'logistic_l2_v1' {%- endmacro %}

{#- Share of the other outcome on the right side of a row by this score, equals counted half. -#}
{% macro placement(keys, score) -%}
    {%- set up_to_here = '(partition by ' ~ keys ~ ' order by ' ~ score
        ~ ' range between unbounded preceding and current row)' -%}
    {%- set equals = '(partition by ' ~ keys ~ ', ' ~ score ~ ')' -%}
    {%- set whole = '(partition by ' ~ keys ~ ')' -%}
    case
            when is_lost then {{ ratio('sum(kept) over ' ~ up_to_here
                ~ ' - sum(kept) over ' ~ equals ~ ' / 2.0', 'sum(kept) over ' ~ whole) }}
            else {{ ratio('sum(lost) over ' ~ whole ~ ' - sum(lost) over ' ~ up_to_here
                ~ ' + sum(lost) over ' ~ equals ~ ' / 2.0', 'sum(lost) over ' ~ whole) }}
        end
{%- endmacro %}

{#- What DeLong divides a placement's gap from the AUC by, so that the squares add up. -#}
{% macro placement_spread(relation) -%}
    nullif(sqrt(
            case
                when {{ relation }}.is_lost
                    then {{ relation }}.lost_count * ({{ relation }}.lost_count - 1.0)
                else {{ relation }}.kept_count * ({{ relation }}.kept_count - 1.0)
            end
        ), 0)
{%- endmacro %}

{#- What a back-test is of. -#}
{% macro backtest_keys(relation=none) -%}
    {%- for key in ['score_kind', 'population', 'customer_kind', 'is_pooled', 'score_date'] -%}
        {{ relation ~ '.' if relation }}{{ key }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
{% macro same_backtest(one, other) -%}
    {{ same(one, other, ['score_kind', 'population', 'customer_kind', 'is_pooled', 'score_date']) }}
{%- endmacro %}
