{#-
  Fails for every key, made of `columns`, that is in more than one row or is not complete;
  a part of it in `may_be_null` may be missing.
-#}
{%- test unique_combination(model, columns, may_be_null=[]) -%}
select
    {{ columns | join(',\n    ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns if column not in may_be_null %}
    or {{ column }} is null
    {%- endfor %}
{%- endtest -%}
