{% macro double_type() -%}
    {{ adapter.dispatch('double_type', 'opendata')() }}
{%- endmacro %}

{# `dbt.type_float()` has 32 bits on some engines. #}
{% macro default__double_type() -%} double {%- endmacro %}

{% macro postgres__double_type() -%} double precision {%- endmacro %}


{# The text as a number, or null. The pattern comes first because engines disagree on what a number is:
   `inf`, `1d` and `1_000` pass on one and not on another, and PostgreSQL has no try_cast.
   A number beyond 1e15 is no measurement, and exact_mean could not hold it: null as well. #}
{% macro safe_number(text) -%}
    {%- set trimmed = 'trim(' ~ text ~ ')' -%}
    {%- set pattern = '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9][0-9]?)?$' -%}
    case
        when not {{ text_matches(trimmed, pattern) }} then null
        when abs({{ cast_number(trimmed) }}) <= 1e15 then {{ cast_number(trimmed) }}
    end
{%- endmacro %}

{% macro cast_number(text) -%}
    {{ adapter.dispatch('cast_number', 'opendata')(text) }}
{%- endmacro %}

{% macro default__cast_number(text) -%}
    try_cast({{ text }} as {{ double_type() }})
{%- endmacro %}

{% macro postgres__cast_number(text) -%}
    cast({{ text }} as {{ double_type() }})
{%- endmacro %}


{# The mean, the same whatever order the rows come in: a sum of doubles depends on it in its last digits, and engines
   add in parallel. A sum of decimals is exact. Nine decimals of a µg/m³ are far below what any instrument sees. #}
{% macro exact_mean(number) -%}
    cast(avg(cast({{ number }} as decimal(38, 9))) as {{ double_type() }})
{%- endmacro %}
