{#-
  Fails for every row for which `expression` is false; a null (nothing to compare) passes.
  It may stand under a column, to say which one it is about.
-#}
{% test is_true(model, expression, column_name=none) %}

select *
from {{ model }}
where not ({{ expression }})

{% endtest %}
