{{ config(meta={'qalita': {'dimension': 'completeness'}, 'dagster': {'ref': {'name': 'opendata_airquality'}}}) }}

with

loads as (
    select
        *,
        row_number() over (order by loaded_at desc, load_id) as newest_first
    from {{ source('seeding', 'load_log') }}
    where loaded_at is not null
),

loaded as (
    select count(*) as row_count from {{ ref('opendata_airquality') }}
),

final as (
    select
        loads.load_id,
        loads.row_count as rows_logged,
        loaded.row_count as rows_found
    from loads
    cross join loaded
    where loads.newest_first = 1
)

select *
from final
where rows_logged <> rows_found
