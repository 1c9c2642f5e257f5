{#-
  The incremental rules, each written once.

  A model that keeps its rows between runs replaces the rows of what the run affects: staging the
  affected keys, core whole contacts, monthly whole periods. `models/affected` lists what that is;
  a model names its list in `meta.affected_by`. On a full refresh nothing is affected and
  everything is computed.
-#}

{#- The lists, by the column that a row is matched with. -#}
{%- macro affected_list(by) -%}
{{ return(ref({
    'key': 'affected_keys',
    'contact_id': 'affected_contacts',
    'on_date': 'affected_dates',
    'period': 'affected_periods',
    'bucket_code': 'affected_buckets',
    'point': 'affected_points',
}[by])) }}
{%- endmacro -%}

{#-
  Condition: the row belongs to what the run affects. A point is named within its community:
  3号楼 exists in many.
-#}
{%- macro is_affected(by, column=none, feed=none) -%}
{%- set list = affected_list(by) -%}
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
  Whether a model computes all of its rows: on a full refresh, and where `ops.rebuilt_models` names
  it because its own rules, or those of a model before it, have changed.
-#}
{%- macro should_full_refresh() -%}
{%- set rebuilt = flags.FULL_REFRESH -%}
{%- if execute and not rebuilt and model.resource_type == 'model' -%}
    {%- set names = run_query("select model_name from ops.rebuilt_models") -%}
    {%- set rebuilt = model.name in names.columns[0].values() -%}
{%- endif -%}
{{ return(rebuilt) }}
{%- endmacro -%}

{#-
  Versions of the affected keys: what was delivered, and what is staged already and does not rest
  on an extract that has changed. `days` are the columns that name an extract of a staged row.
-#}
{%- macro candidate_versions(feed, key, columns, days=['extract_date']) -%}
{%- set condition = is_affected('key', key, feed) -%}
    select
        {{ columns | join(',\n        ') }},
        {%- for day in days %}
        extract_date{{ ' as ' ~ day if day != 'extract_date' }},
        {%- endfor %}
        _source_file as source_file,
        _source_line as source_line
    from {{ source('raw', feed) }}
{%- if is_incremental() %}
    where {{ condition }}
    union all
    select
        {{ columns | join(',\n        ') }},
        {{ days | join(',\n        ') }},
        source_file,
        source_line
    from {{ this }}
    where
        {{ condition }}
        {%- for day in days %}
        and {{ day }} not in (
            select changed.extract_date
            from {{ source('ops', 'changed_partitions') }} as changed
            where changed.feed = '{{ feed }}'
        )
        {%- endfor %}
{%- endif %}
{%- endmacro -%}

{#- Newest version of a key: latest update, then latest extract day, then last line. -#}
{%- macro version_number(keys, updated_at=none) -%}
row_number() over (
            partition by {{ keys | join(', ') }}
            order by
                {%- if updated_at %}
                {{ updated_at }} desc nulls last,
                {%- endif %}
                extract_date desc,
                source_line desc
        )
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
