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
    'caller_key': 'affected_callers',
    'point': 'affected_points',
}[by] -%}
{{ return('affected.' ~ name if by_name else ref(name)) }}
{%- endmacro -%}

{#-
  The day by which the rows of a model are found, in a place of the disk of their own: a list of
  keys alone would be looked for in every row of history. The lists hold each day on which a row
  of what they name took place, before and now.
-#}
{%- macro day_of(timestamp) -%}
coalesce(cast({{ timestamp }} as date), date '{{ var('always_from') }}')
{%- endmacro -%}

{#-
  Condition: the row belongs to what the run affects; `day` is the column of its day, for keys and
  contacts. A point is named within its community: 3号楼 exists in many.
-#}
{%- macro is_affected(by, column=none, feed=none, day=none, by_name=false) -%}
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
{%- if day %}
and {{ day }} in (
    select affected.on_date
    from {{ list if feed else affected_list('on_date', by_name) }} as affected
    {%- if feed %}
    where affected.feed = '{{ feed }}'
    {%- endif %}
)
{%- endif -%}
{%- endif -%}
{%- endmacro -%}

{#- Where clause of an import CTE: only what an incremental run computes again. -#}
{%- macro only_affected(by, column=none, day=none) -%}
{%- set condition = is_affected(by, column, day=day) -%}
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
where {{ is_affected(
    meta['affected_by'], meta.get('affected_column'), meta.get('feed'), meta.get('affected_day')
) }};

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

{#- Where clause inside `models/affected`, over the CTEs of the same names. -#}
{%- macro of_affected_contacts(day=none) -%}
where contact_id in (select affected_contacts.contact_id from affected_contacts)
    {%- if day %}
    and {{ day }} in (select affected_dates.on_date from affected_dates)
    {%- endif %}
{%- endmacro -%}
