{# One spelling per unit: µ (U+00B5) and μ (U+03BC) become u, ³ becomes 3. #}
{% macro plain_unit(unit) -%}
    replace(replace(replace(lower(trim({{ unit }})), 'µ', 'u'), 'μ', 'u'), '³', '3')
{%- endmacro %}


{# How many µg/m³ one of this unit is; null for a unit we can't convert (ppm and ppb need temperature and pressure). #}
{% macro micrograms_per(plain_unit) -%}
    cast(
        case {{ plain_unit }}
            when 'ug/m3' then 1
            when 'mg/m3' then 1e3
            when 'g/m3' then 1e6
            when 'kg/m3' then 1e9
        end as {{ double_type() }}
    )
{%- endmacro %}


{# One spelling per pollutant: PM2.5, pm2_5 and pm25 are pm25. #}
{% macro plain_parameter(parameter) -%}
    replace(replace(replace(lower(trim({{ parameter }})), '.', ''), '_', ''), ' ', '')
{%- endmacro %}
