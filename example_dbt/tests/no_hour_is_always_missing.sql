{{ config(severity='warn', meta={'qalita': {'dimension': 'completeness'}}) }}

with

hours as (
    select
        location,
        parameter,
        extract(hour from measured_at) as hour_utc,
        count(*) as measurements,
        count(value) as values_present
    from {{ ref('stg_airquality') }}
    group by location, parameter, extract(hour from measured_at)
)

select *
from hours
where values_present = 0 and measurements >= 5
