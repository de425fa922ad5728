{# One row per load of the measurements. Freshness reads its newest loaded_at: the measurements themselves are
   from 2016 and 2017 and never get younger. It is no seed, so `--full-refresh` keeps the history. #}
{% macro create_load_log() %}
    create table if not exists {{ this.incorporate(path={'identifier': 'load_log'}) }} (
        load_id {{ dbt.type_string() }},
        seed {{ dbt.type_string() }},
        row_count {{ dbt.type_bigint() }},
        loaded_at timestamp
    )
{% endmacro %}


{% macro append_to_load_log() %}
    insert into {{ this.incorporate(path={'identifier': 'load_log'}) }}
    select '{{ invocation_id }}', '{{ this.identifier }}', count(*), {{ utc_now() }}
    from {{ this }}
{% endmacro %}
