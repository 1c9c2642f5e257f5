{#-
  The incremental rules, each written once.

  A model that keeps its rows between runs replaces the rows of what the run affects: staging the
  affected keys, core whole contacts, monthly whole periods. `models/affected` lists what that is;
  a model names its list in `meta.affected_by`. On a full refresh nothing is affected and
  everything is computed.
-#}

{#-
  The lists, by the column that a row is matched with. A generic test finds out only when it runs
  which list it needs, too late for a `ref`: `by_name` gives the plain name.
-#}
{%- macro affected_list(by, by_name=false) -%}
{%- set name = {
    'key': 'affected_keys',
    'contact_id': 'affected_contacts',
    'on_date': 'affected_dates',
    'period': 'affected_periods',
    'bucket_code': 'affected_buckets',
    'point': 'affected_points',
}[by] -%}
{{ return('affected.' ~ name if by_name else ref(name)) }}
{%- endmacro -%}

{#-
  Condition: the row belongs to what the run affects. A point is named within its community:
  3号楼 exists in many.
-#}
{%- macro is_affected(by, column=none, feed=none, by_name=false) -%}
{%- set list = affected_list(by, by_name) -%}
{%- if by == 'point' -%}
(problem_code, street_code, coalesce(community, ''), point) in (
    select
        affected.problem_code,
        affected.street_code,
        affected.community,
        affected.point
    from {{ list }} as affected
)
{%- else -%}
{{ column or by }} in (
    select affected.{{ by }}
    from {{ list }} as affected
    {%- if feed %}
    where affected.feed = '{{ feed }}'
    {%- endif %}
)
{%- endif -%}
{%- endmacro -%}

{#- Where clause of an import CTE: only what an incremental run computes again. -#}
{%- macro only_affected(by, column=none) -%}
{%- set condition = is_affected(by, column) -%}
{%- if is_incremental() -%}
where {{ condition }}
{%- endif -%}
{%- endmacro -%}

{#-
  The incremental strategy `replace_affected`: rows of what is affected are deleted, then the rows
  computed again are inserted, in the transaction of the model.
-#}
{%- macro get_incremental_replace_affected_sql(arg_dict) -%}
{%- set meta = config.get('meta') -%}
{%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
delete from {{ arg_dict['target_relation'] }}
where {{ is_affected(meta['affected_by'], meta.get('affected_column'), meta.get('feed')) }};

insert into {{ arg_dict['target_relation'] }} ({{ columns }})
select {{ columns }}
from {{ arg_dict['temp_relation'] }}
{%- endmacro -%}

{#-
  Whether a model computes all of its rows: on a full refresh, and where the build names it because
  its own rules, or those of a model before it, have changed.
-#}
{%- macro should_full_refresh() -%}
{%- set named = env_var('HOTLINE_REBUILT_MODELS', '').split() if execute else [] -%}
{{ return(flags.FULL_REFRESH or model.name in named) }}
{%- endmacro -%}

{#- A list without rows: what is affected on a full refresh, where everything is computed. -#}
{%- macro nothing_affected(columns) -%}
    select
        {%- for name, type in columns.items() %}
        cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
{%- endmacro -%}

{#- Where clause inside `models/affected`, over the CTE of the same name. -#}
{%- macro of_affected_contacts() -%}
where contact_id in (select affected_contacts.contact_id from affected_contacts)
{%- endmacro -%}
