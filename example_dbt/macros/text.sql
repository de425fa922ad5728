{# What the sources write where they have no value. #}
{% macro no_value_texts() %}
    {{- return("('', '-', '--', 'nan', 'na', 'n/a', 'null', 'none')") -}}
{% endmacro %}


{# The trimmed text, or null where the source has none. #}
{% macro text_or_null(text) -%}
    case when lower(trim({{ text }})) not in {{ no_value_texts() }} then trim({{ text }}) end
{%- endmacro %}


{# Does the text match the (POSIX) pattern? Patterns here use no backslash: engines disagree on escaping it. #}
{% macro text_matches(text, pattern) -%}
    {{ adapter.dispatch('text_matches', 'opendata')(text, pattern) }}
{%- endmacro %}

{% macro default__text_matches(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__text_matches(text, pattern) -%}
    {{ text }} rlike '{{ pattern }}'
{%- endmacro %}

{% macro postgres__text_matches(text, pattern) -%}
    {{ text }} ~ '{{ pattern }}'
{%- endmacro %}
