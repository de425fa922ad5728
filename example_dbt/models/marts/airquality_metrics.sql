with

measurements as (
    select * from {{ ref('stg_airquality') }}
),

-- Statistics take the usable values only; volume and the share missing take every measurement.
usable as (
    select
        *,
        case when quality = 'ok' then value end as usable_value
    from measurements
),

metrics as (
    select
        city,
        parameter,
        unit,
        count(*) as measurement_count,
        count(usable_value) as usable_count,
        cast(sum(case when quality = 'missing' then 1 else 0 end) as {{ double_type() }}) / count(*) as missing_share,
        min(usable_value) as min_value,
        max(usable_value) as max_value,
        {{ exact_mean('usable_value') }} as mean_value,
        percentile_cont(0.5) within group (order by usable_value) as median_value,
        percentile_cont(0.95) within group (order by usable_value) as p95_value,
        min(measured_at) as first_measured_at,
        max(measured_at) as last_measured_at
    from usable
    group by city, parameter, unit
),

final as (
    select
        {{ dbt.hash(dbt.concat(["coalesce(city, '')", "'|'", "coalesce(parameter, '')", "'|'", "unit"])) }} as metric_id,
        *
    from metrics
)

select * from final
