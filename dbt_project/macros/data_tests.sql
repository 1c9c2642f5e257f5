{#-
  Which rows the data tests of a build look at. A daily build tests the rows that it has written, so
  that its cost does not grow with history. All rows are tested on a full refresh, when any file of
  the project has changed, and wherever nobody says otherwise, so every week (`hotline validate
  models`). Tests that only make sense over all rows have the tag `whole_history`, models that read
  seeds alone the tag `rules`: a daily build leaves them out.
-#}
{%- macro checks_all_rows() -%}
{{ return(not execute or flags.FULL_REFRESH or env_var('HOTLINE_TESTED_ROWS', 'all') == 'all') }}
{%- endmacro -%}

{#- Where clause of an import CTE in a singular test: only what this run has computed again. -#}
{%- macro only_checked(by, column=none, day=none) -%}
{%- set condition = is_affected(by, column, day=day) -%}
{%- if not checks_all_rows() -%}
where {{ condition }}
{%- endif -%}
{%- endmacro -%}

{#-
  dbt asks this macro for the rows of every generic test. Those of a model that names its list in
  `meta.affected_by` are narrowed to what the list holds.
-#}
{%- macro get_where_subquery(relation) -%}
{%- set conditions = ['(' ~ config.get('where') ~ ')'] if config.get('where') else [] -%}
{%- if not checks_all_rows() -%}
    {%- set meta = graph.nodes.get(model.attached_node, {}).get('config', {}).get('meta', {}) -%}
    {%- if meta.get('affected_by') -%}
        {%- do conditions.append(is_affected(
            meta['affected_by'], meta.get('affected_column'), meta.get('feed'),
            meta.get('affected_day'), by_name=true
        )) -%}
    {%- endif -%}
{%- endif -%}
{%- if conditions -%}
    {{ return('(select * from ' ~ relation ~ ' where ' ~ conditions | join(' and ') ~ ') as checked') }}
{%- endif -%}
{{ return(relation) }}
{%- endmacro -%}
