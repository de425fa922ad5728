{{ config(meta={'qalita': {'dimension': 'reasonability'}}) }}

-- Every comparison with null is unknown, so a group without a usable value passes.
select *
from {{ ref('airquality_metrics') }}
where
    min_value > median_value
    or median_value > p95_value
    or p95_value > max_value
    or mean_value < min_value
    or mean_value > max_value
    or first_measured_at > last_measured_at
