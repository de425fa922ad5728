{# The text as a timestamp in UTC (without zone), or null. A text without a zone is taken as UTC.
   Why the detour: a plain cast to timestamp drops an offset such as +02:00 silently. #}
{% macro utc_timestamp(text) -%}
    {{ adapter.dispatch('utc_timestamp', 'opendata')(text) }}
{%- endmacro %}

{% macro default__utc_timestamp(text) -%}
    case
        when {{ names_its_zone(text) }}
            then try_cast(trim({{ text }}) as timestamp with time zone) at time zone 'UTC'
        when {{ text_matches('trim(' ~ text ~ ')', iso_time() ~ '$') }}
            then try_cast(trim({{ text }}) as timestamp)
    end
{%- endmacro %}

{# Spark's timestamp is an instant: the session time zone must be UTC (spark.sql.session.timeZone). #}
{% macro spark__utc_timestamp(text) -%}
    case
        when {{ names_its_zone(text) }}
            then try_cast(trim({{ text }}) as timestamp)
        when {{ text_matches('trim(' ~ text ~ ')', iso_time() ~ '$') }}
            then try_cast(concat(trim({{ text }}), 'Z') as timestamp)
    end
{%- endmacro %}

{# PostgreSQL has no try_cast: besides the pattern, the day must exist in its month. #}
{% macro postgres__utc_timestamp(text) -%}
    {%- set month_start = "make_date(cast(substr(trim(" ~ text ~ "), 1, 4) as int), cast(substr(trim(" ~ text ~ "), 6, 2) as int), 1)" -%}
    case
        when not {{ text_matches('trim(' ~ text ~ ')', iso_time() ~ iso_zone() ~ '?$') }} then null
        when cast(substr(trim({{ text }}), 9, 2) as int)
            > extract(day from {{ month_start }} + interval '1 month' - interval '1 day') then null
        when {{ names_its_zone(text) }}
            then cast(trim({{ text }}) as timestamp with time zone) at time zone 'UTC'
        else cast(trim({{ text }}) as timestamp)
    end
{%- endmacro %}

{# Does the text say how far from UTC its clock is? #}
{% macro names_its_zone(text) -%}
    {{ text_matches('trim(' ~ text ~ ')', iso_time() ~ iso_zone() ~ '$') }}
{%- endmacro %}

{% macro iso_time() -%}
    {{- return(
        '^[0-9][0-9][0-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'
        ~ '[ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?'
    ) -}}
{%- endmacro %}

{% macro iso_zone() -%}
    {{- return('(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)') -}}
{%- endmacro %}


{# This moment as a timestamp in UTC (without zone). #}
{% macro utc_now() -%}
    {{ adapter.dispatch('utc_now', 'opendata')() }}
{%- endmacro %}

{% macro default__utc_now() -%}
    cast(current_timestamp at time zone 'UTC' as timestamp)
{%- endmacro %}

{% macro spark__utc_now() -%}
    to_utc_timestamp(current_timestamp(), current_timezone())
{%- endmacro %}
