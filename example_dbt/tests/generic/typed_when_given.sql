{# Fails for each row where the source wrote something, but the typed column is null: the text could not be read. #}
{% test typed_when_given(model, column_name, text_column) %}

select *
from {{ model }}
where {{ column_name }} is null and {{ text_or_null(text_column) }} is not null

{% endtest %}
