{# Fails for each row whose value is below the minimum or above the maximum; either may be left out. #}
{% test in_range(model, column_name, minimum=none, maximum=none) %}

select *
from {{ model }}
where
    1 = 2
    {% if minimum is not none %} or {{ column_name }} < {{ minimum }} {% endif %}
    {% if maximum is not none %} or {{ column_name }} > {{ maximum }} {% endif %}

{% endtest %}
