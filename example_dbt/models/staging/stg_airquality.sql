with

source as (
    select * from {{ ref('opendata_airquality') }}
),

stations as (
    select * from {{ ref('stg_stations') }}
),

trimmed as (
    select
        {{ text_or_null('city') }} as city,
        upper({{ text_or_null('country') }}) as country,
        trim(location) as location,
        {{ plain_parameter('parameter') }} as parameter,
        {{ text_or_null('value') }} as value_text,
        {{ plain_unit('unit') }} as plain_unit,
        {{ utc_timestamp('date_utc') }} as measured_at,
        case when {{ names_its_zone('date_utc') }} then 'utc' else 'uncertain' end as time_base,
        value as original_value,
        unit as original_unit,
        date_utc as original_date
    from source
),

converted as (
    select
        *,
        {{ safe_number('value_text') }} as number_given,
        {{ micrograms_per('plain_unit') }} as factor
    from trimmed
),

flagged as (
    select
        *,
        number_given * factor as value,
        case when factor is null then 'unknown' else 'µg/m³' end as unit,
        case
            when value_text is null then 'missing'
            when number_given is null then 'unparsable'
            when factor is null then 'unknown_unit'
            when number_given < 0 then 'negative'
            else 'ok'
        end as quality
    from converted
),

located as (
    select
        coalesce(flagged.city, stations.city) as city,
        coalesce(flagged.country, stations.country) as country,
        flagged.location,
        flagged.parameter,
        flagged.measured_at,
        flagged.value,
        flagged.unit,
        flagged.quality,
        flagged.time_base,
        flagged.original_value,
        flagged.original_unit,
        flagged.original_date
    from flagged
    left join stations on flagged.location = stations.location
),

keyed as (
    select
        {{ dbt.hash(dbt.concat([
            "coalesce(location, '')", "'|'",
            "coalesce(parameter, '')", "'|'",
            "coalesce(cast(measured_at as " ~ dbt.type_string() ~ "), original_date, '')",
        ])) }} as measurement_id,
        *
    from located
),

-- The same measurement twice: keep the usable one, then the larger value; the texts decide what is left,
-- so that the same rows in another order give the same result.
ranked as (
    select
        *,
        row_number() over (
            partition by measurement_id
            order by
                case when quality = 'ok' then 0 else 1 end,
                case when value is null then 1 else 0 end,
                value desc,
                coalesce(original_value, ''),
                coalesce(original_unit, ''),
                coalesce(original_date, ''),
                coalesce(city, ''),
                coalesce(country, '')
        ) as position_in_duplicates
    from keyed
),

final as (
    select
        measurement_id,
        city,
        country,
        location,
        parameter,
        measured_at,
        value,
        unit,
        quality,
        time_base,
        original_value,
        original_unit,
        original_date
    from ranked
    where position_in_duplicates = 1
)

select * from final
