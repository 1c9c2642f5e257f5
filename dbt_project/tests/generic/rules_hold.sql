{#-
  Fails with its name, its number of rows and one key for every rule that is false somewhere.
  `rules` maps a name to a condition; a null (nothing to compare) passes. The columns in
  `not_null` must have a value. One pass over the table: a row counts for the first rule it
  breaks.
-#}
{%- test rules_hold(model, key, rules, not_null=[]) -%}
    {{ broken_rules(model, key, dict(given_rules(not_null), **rules)) }}
{%- endtest -%}
