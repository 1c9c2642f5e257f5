{#-
  All that must be true of the rows of one table, asked in one test: what dbt does around a test
  takes longer than most of them. Fails with its name, its number of rows and one key for

  - every key, and each of `other_keys`, that is in more than one row;
  - every part of a key (unless it is in `may_be_null`) and every column in `not_null` that has no
    value; a row counts for the first rule it breaks;
  - every rule that is false somewhere: `rules` maps a name to a condition; a null (nothing to
    compare) passes;
  - every value of a `column` in `references` that is not in the `field` of the table `to`.

  The few rows of a daily build are read once; those of history stream past as often as needed.
-#}
{%- test rows_hold(
    model, key, may_be_null=[], other_keys=[], not_null=[], references=[], rules={}
) %}
    {{ broken_rules(model, key, may_be_null, other_keys, not_null, references, rules) }}
{% endtest %}
