{# Fails for each pause between two neighbouring rows of a series that is longer than so many hours.
   A series is what the columns of group_by have in common. #}
{% test no_gap_longer_than(model, column_name, hours, group_by) %}

with

neighbours as (
    select
        {{ group_by | join(', ') }},
        {{ column_name }} as gap_ended_at,
        lag({{ column_name }}) over (partition by {{ group_by | join(', ') }} order by {{ column_name }}) as gap_started_at
    from {{ model }}
),

final as (
    select
        *,
        {{ dbt.datediff('gap_started_at', 'gap_ended_at', 'hour') }} as gap_hours
    from neighbours
    where gap_started_at is not null
)

select *
from final
where gap_hours > {{ hours }}

{% endtest %}
