{#- Text without e-mails, links, telephone and other long numbers, and what matches `name_pattern`
    (NULL = no name known). What is taken out leaves its kind in brackets. -#}
{% macro scrubbed(text, name_pattern) -%}
    {%- set steps = [
        ('[\\w.%+-]+[@＠][\\w-]+(\\.[\\w-]+)+', '[email]'),
        ('[^\\s@＠]+[@＠][^\\s@＠]+\\.[^\\s@＠]+', '[email]'),
        ('(?i)(https?://|www\\.)\\S+', '[link]'),
        ('\\+?\\(?\\p{Nd}[\\p{Nd}\\s().\\-/]{6,}\\p{Nd}', '[number]'),
        ('\\p{Nd}{6,}', '[number]'),
    ] -%}
    {%- set ns = namespace(text=text) -%}
    {%- for pattern, kind in steps -%}
        {%- set ns.text = replace_all(ns.text, regex(pattern), kind) -%}
    {%- endfor -%}
    case
        when {{ name_pattern }} is null then {{ ns.text }}
        else {{ replace_all(ns.text, name_pattern, '[name]') }}
    end
{%- endmacro %}

{#- Regular expression that finds a name: all of it, and the first and last word of a person's.
    Names in Latin letters without accents match whole words only; other scripts do not always part
    words, so there the letters alone match. A single letter is no name. -#}
{% macro name_pattern(name, is_person) -%}
    {%- set plain = replace_all('trim(' ~ name ~ ')', regex('[^\\p{L}\\p{M}\\p{Nd} ]'), '.') -%}
    nullif(concat_ws('|',
        {{ word_pattern(plain) }},
        case when {{ is_person }} then {{ word_pattern("split_part(" ~ plain ~ ", ' ', 1)") }} end,
        case when {{ is_person }} then {{ word_pattern("split_part(" ~ plain ~ ", ' ', -1)") }} end
    ), '')
{%- endmacro %}
{% macro word_pattern(word) -%}
    case
        when length({{ word }}) < 2 then null
        when {{ word }} = {{ replace_all(word, regex('[^ -~]'), '') }}
            then concat({{ regex('(?i)\\b') }}, {{ word }}, {{ regex('\\b') }})
        else concat('(?i)', {{ word }})
    end
{%- endmacro %}

{#- Every match of a regular expression replaced. -#}
{% macro replace_all(text, pattern, replacement) -%}
    {{ return(adapter.dispatch('replace_all', 'cx_roi')(text, pattern, replacement)) }}
{%- endmacro %}
{% macro duckdb__replace_all(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, '{{ replacement }}', 'g')
{%- endmacro %}
{% macro spark__replace_all(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, '{{ replacement }}')
{%- endmacro %}

{#- A regular expression as a literal: Spark reads a backslash in a plain one as an escape. -#}
{% macro regex(pattern) -%}
    {{ return(adapter.dispatch('regex', 'cx_roi')(pattern)) }}
{%- endmacro %}
{% macro duckdb__regex(pattern) -%}
    '{{ pattern }}'
{%- endmacro %}
{% macro spark__regex(pattern) -%}
    r'{{ pattern }}'
{%- endmacro %}
