{#- Lower case without surrounding blanks, NULL when nothing is left: how e-mails and domains are
    compared. -#}
{% macro normalised(text) -%}
    nullif(lower(trim({{ text }})), '')
{%- endmacro %}

{#- Key of the triple by which a tool knows a customer (id, e-mail, domain); joins a fact to
    int_customer_identifiers__matched. `relation` qualifies the columns where a join needs it. -#}
{% macro reference_key(relation=none) -%}
    {%- set of = relation ~ '.' if relation else '' -%}
    md5(concat(
        coalesce(trim({{ of }}customer_id), ''), '|',
        coalesce({{ normalised(of ~ 'customer_email') }}, ''), '|',
        coalesce({{ normalised(of ~ 'customer_domain') }}, '')
    ))
{%- endmacro %}

{#- Domain without protocol, www. and path; NULL when nothing is left. -#}
{% macro bare_domain(text) -%}
    nullif(split_part(
        regexp_replace({{ normalised(text) }}, '^(https?://)?(www[.])?', ''), '/', 1
    ), '')
{%- endmacro %}

{#- Domain of an e-mail; NULL when there is none. -#}
{% macro email_domain(email) -%}
    nullif(split_part({{ normalised(email) }}, '@', 2), '')
{%- endmacro %}
