{{ config(severity='warn', meta={'qalita': {'dimension': 'interoperability'}}) }}

select
    location,
    count(*) as measurements
from {{ ref('stg_airquality') }}
where time_base <> 'utc'
group by location
