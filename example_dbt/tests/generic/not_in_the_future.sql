{# Fails for each row whose time (UTC) is still to come. #}
{% test not_in_the_future(model, column_name) %}

select *
from {{ model }}
where {{ column_name }} > {{ utc_now() }}

{% endtest %}
