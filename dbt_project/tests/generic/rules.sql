{#-
All rules of a model in one test: one node is planned, run and logged, and each rule still answers
for itself. One row per broken rule: how many rows break it, or both sides of the comparison, and
of a published table the key of a row that does.

key:        columns no two rows share and none of which is null
unique:     further sets of columns of that kind (name, columns, where)
rows:       a condition that is true, or null where null is allowed, on every row
            (name, condition, where, is_null_allowed)
sums:       a sum equals one over another table, exactly or within a tolerance
            (name, expression, where, to, to_expression, to_where, tolerance)
row_counts: as many rows as another table (name, where, to, to_where)

`'<name>' as rule_name` is how the night knows that a rule was evaluated
(orchestration/lib/transform/dbt.py).
-#}
{% test rules(model, key=none, unique=[], rows=[], sums=[], row_counts=[]) %}
{%- set keys = {
    'unique': [['name', 'columns'], ['where']],
    'rows': [['name', 'condition'], ['where', 'is_null_allowed']],
    'sums': [['name', 'expression', 'to', 'to_expression'], ['where', 'to_where', 'tolerance']],
    'row_counts': [['name', 'to'], ['where', 'to_where']],
} -%}
{%- set given = {'unique': unique, 'rows': rows, 'sums': sums, 'row_counts': row_counts} -%}
{%- set names = ['unique_key'] if key else [] -%}
{%- for kind, rules_of_kind in given.items() -%}
    {%- for rule in rules_of_kind -%}
        {%- set needed, allowed = keys[kind] -%}
        {%- set missing = needed | reject('in', rule) | list -%}
        {%- set unknown = rule | reject('in', needed + allowed) | list -%}
        {%- if missing or unknown or rule.name in names -%}
            {{ exceptions.raise_compiler_error(
                "rules of " ~ model ~ ", " ~ kind ~ " " ~ rule.name ~ ": missing " ~ missing
                ~ ", unknown " ~ unknown ~ (", name used twice" if rule.name in names else "")
            ) }}
        {%- endif -%}
        {%- do names.append(rule.name) -%}
    {%- endfor -%}
{%- endfor -%}
{%- if not names -%}
    {{ exceptions.raise_compiler_error("rules of " ~ model ~ ": there is none") }}
{%- endif -%}
{#- Only a published table: of the others a key may be what identifies a person. -#}
{%- set is_published = model.database == 'candidate' and key -%}
{%- set example = "concat_ws(', ', " ~ key | join(', ') ~ ")" if is_published else "null" -%}
{%- set together = joiner('union all') -%}
{%- for rule in ([{'name': 'unique_key', 'columns': key}] if key else []) + unique %}
{%- set shared = "concat_ws(', ', " ~ rule.columns | join(', ') ~ ")" if is_published else "null" %}
{{ together() }}
select
    '{{ rule.name }}' as rule_name,
    count(*) as broken_count,
    cast(null as varchar) as here,
    cast(null as varchar) as there,
    cast(min({{ shared }}) as varchar) as example
from (
    select {{ rule.columns | join(', ') }}
    from {{ model }}
    where {{ rule.where or 'true' }}
    group by {{ rule.columns | join(', ') }}
    having count(*) > 1 {% for column in rule.columns %} or {{ column }} is null {% endfor %}
)
having count(*) > 0
{%- endfor -%}
{%- for rule in rows %}
{{ together() }}
select
    '{{ rule.name }}' as rule_name,
    count(*) as broken_count,
    cast(null as varchar) as here,
    cast(null as varchar) as there,
    cast(min({{ example }}) as varchar) as example
from {{ model }}
where ({{ rule.where or 'true' }})
    and not coalesce({{ rule.condition }}, {{ rule.get('is_null_allowed', true) }})
having count(*) > 0
{%- endfor -%}
{%- for rule in sums %}
{{ together() }}
select
    '{{ rule.name }}' as rule_name,
    cast(null as bigint) as broken_count,
    cast(here.total as varchar) as here,
    cast(there.total as varchar) as there,
    cast(null as varchar) as example
from (
    select coalesce(sum({{ rule.expression }}), 0) as total
    from {{ model }}
    where {{ rule.where or 'true' }}
) as here
cross join (
    select coalesce(sum({{ rule.to_expression }}), 0) as total
    from {{ rule.to }}
    where {{ rule.to_where or 'true' }}
) as there
where abs(here.total - there.total) > {{ rule.tolerance or 0 }}
{%- endfor -%}
{%- for rule in row_counts %}
{{ together() }}
select
    '{{ rule.name }}' as rule_name,
    cast(null as bigint) as broken_count,
    cast(here.total as varchar) as here,
    cast(there.total as varchar) as there,
    cast(null as varchar) as example
from (select count(*) as total from {{ model }} where {{ rule.where or 'true' }}) as here
cross join (
    select count(*) as total
    from {{ rule.to }}
    where {{ rule.to_where or 'true' }}
) as there
where here.total <> there.total
{%- endfor %}
{% endtest %}
