{{ config(meta={'qalita': {'dimension': 'consistency'}, 'dagster': {'ref': {'name': 'airquality_metrics'}}}) }}

with

mart as (
    select sum(measurement_count) as measurements from {{ ref('airquality_metrics') }}
),

staging as (
    select count(*) as measurements from {{ ref('stg_airquality') }}
),

final as (
    select
        mart.measurements as in_mart,
        staging.measurements as in_staging
    from mart
    cross join staging
)

select *
from final
where coalesce(in_mart, 0) <> in_staging
