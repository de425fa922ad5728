with

source as (
    select * from {{ ref('stations') }}
),

typed as (
    select
        trim(location) as location,
        {{ text_or_null('station_name') }} as station_name,
        {{ text_or_null('city') }} as city,
        upper({{ text_or_null('country') }}) as country,
        {{ safe_number('latitude') }} as latitude,
        {{ safe_number('longitude') }} as longitude,
        {{ text_or_null('station_type') }} as station_type,
        {{ text_or_null('area_type') }} as area_type
    from source
),

final as (
    select * from typed
)

select * from final
