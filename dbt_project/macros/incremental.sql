{#-
  The incremental rules, each said once.

  Staging forgets the rows that came from a changed partition and looks again at the keys
  those partitions touch. Facts forget and rebuild whole contacts. Period tables forget and
  rebuild whole periods. The pre-hooks run in the transaction of the model they belong to,
  and give nothing on a full refresh or on the first build.
-#}

{#-
  Pre-hook of a staging model: rows of a changed partition can no longer be trusted. `days` are
  the columns of the model that name a partition.
-#}
{%- macro forget_changed_partitions(feed, days=['extract_date']) -%}
{%- if is_incremental() -%}
delete from {{ this }}
where
    {%- for day in days %}
    {{ 'or ' if not loop.first }}{{ day }} in (
        select changed.extract_date
        from {{ source('ops', 'changed_partitions') }} as changed
        where changed.feed = '{{ feed }}'
    )
    {%- endfor %}
{%- endif -%}
{%- endmacro -%}

{#- Pre-hook of a fact or period table: rows whose `column` is listed in `affected` go. -#}
{%- macro forget_affected(column, affected, as_column=none) -%}
{%- if is_incremental() -%}
delete from {{ this }}
where {{ column }} in (select affected.{{ as_column or column }} from {{ affected }} as affected)
{%- endif -%}
{%- endmacro -%}

{#- Where clause of an import CTE: only what an incremental run must compute again. -#}
{%- macro only_affected(column, affected, as_column=none) -%}
{%- if is_incremental() -%}
where {{ column }} in (select affected.{{ as_column or column }} from {{ affected }} as affected)
{%- endif -%}
{%- endmacro -%}

{#-
  The same two for rows of a problem at a point. A point is named within its community: 3号楼
  stands in many.
-#}
{%- macro forget_affected_points(affected) -%}
{%- if is_incremental() -%}
delete from {{ this }}
{{ only_affected_points(affected) }}
{%- endif -%}
{%- endmacro -%}

{%- macro only_affected_points(affected) -%}
{%- if is_incremental() -%}
where (problem_code, street_code, coalesce(community, ''), point) in (
    select
        affected.problem_code,
        affected.street_code,
        affected.community,
        affected.point
    from {{ affected }} as affected
)
{%- endif -%}
{%- endmacro -%}

{#-
  Versions of the affected keys: what was delivered, and what is staged already.
  `with_first_day` adds the first extract day that delivered the key.
-#}
{%- macro candidate_versions(feed, key, columns, with_first_day=false) -%}
    select
        {{ columns | join(',\n        ') }},
        extract_date,
        {%- if with_first_day %}
        extract_date as first_extract_date,
        {%- endif %}
        _source_file as source_file,
        _source_line as source_line
    from {{ source('raw', feed) }}
{%- if is_incremental() %}
    where {{ key }} in (
        select affected.key
        from {{ source('ops', 'affected_keys') }} as affected
        where affected.feed = '{{ feed }}'
    )
    union all
    select
        {{ columns | join(',\n        ') }},
        extract_date,
        {%- if with_first_day %}
        first_extract_date,
        {%- endif %}
        source_file,
        source_line
    from {{ this }}
    where {{ key }} in (
        select affected.key
        from {{ source('ops', 'affected_keys') }} as affected
        where affected.feed = '{{ feed }}'
    )
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
