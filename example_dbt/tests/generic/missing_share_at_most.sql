{# Fails for each series in which more than this share of the values is null.
   A series is what the columns of group_by have in common. #}
{% test missing_share_at_most(model, column_name, share, group_by) %}

with

final as (
    select
        {{ group_by | join(', ') }},
        count(*) as row_count,
        1 - cast(count({{ column_name }}) as {{ double_type() }}) / count(*) as missing_share
    from {{ model }}
    group by {{ group_by | join(', ') }}
)

select *
from final
where missing_share > {{ share }}

{% endtest %}
