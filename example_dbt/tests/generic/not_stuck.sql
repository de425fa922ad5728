{# Fails for each stretch of a series in which the value stays exactly the same more than at_most times in a row:
   a working sensor always moves a little. A series is what the columns of group_by have in common. #}
{% test not_stuck(model, column_name, at_most, order_by, group_by) %}

with

steps as (
    select
        {{ group_by | join(', ') }},
        {{ order_by }},
        {{ column_name }},
        case
            when {{ column_name }} = lag({{ column_name }}) over (
                partition by {{ group_by | join(', ') }} order by {{ order_by }}
            ) then 0
            else 1
        end as is_new_value
    from {{ model }}
),

stretches as (
    select
        *,
        sum(is_new_value) over (
            partition by {{ group_by | join(', ') }} order by {{ order_by }}
            rows between unbounded preceding and current row
        ) as stretch
    from steps
),

final as (
    select
        {{ group_by | join(', ') }},
        stretch,
        max({{ column_name }}) as stuck_at,
        count(*) as times,
        min({{ order_by }}) as stuck_from,
        max({{ order_by }}) as stuck_until
    from stretches
    group by {{ group_by | join(', ') }}, stretch
)

select *
from final
where times > {{ at_most }}

{% endtest %}
