{{ config(meta={'qalita': {'dimension': 'completeness'}, 'dagster': {'ref': {'name': 'stg_airquality'}}}) }}

with

source as (
    select distinct
        trim(location) as location,
        {{ plain_parameter('parameter') }} as parameter,
        coalesce(cast({{ utc_timestamp('date_utc') }} as {{ dbt.type_string() }}), date_utc) as measured_at
    from {{ ref('opendata_airquality') }}
),

expected as (
    select count(*) as measurements from source
),

staging as (
    select count(*) as measurements from {{ ref('stg_airquality') }}
),

final as (
    select
        expected.measurements as in_source,
        staging.measurements as in_staging
    from expected
    cross join staging
)

select *
from final
where in_source <> in_staging
