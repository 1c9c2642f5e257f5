{#-
  The incremental rules, each said once.

  Staging forgets the rows that came from a changed partition and looks again at the keys
  those partitions touch. Facts forget and rebuild whole contacts. Period tables forget and
  rebuild whole periods. The pre-hooks run in the transaction of the model they belong to,
  and give nothing on a full refresh or on the first build.
-#}

{#- Pre-hook of a staging model: rows of a changed partition can no longer be trusted. -#}
{%- macro forget_changed_partitions(feed) -%}
{%- if is_incremental() -%}
delete from {{ this }}
where extract_date in (
    select changed.extract_date
    from {{ source('ops', 'changed_partitions') }} as changed
    where changed.feed = '{{ feed }}'
)
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

{#- Versions of the affected keys: what was delivered, and what is staged already. -#}
{%- macro candidate_versions(feed, key, columns) -%}
    select
        {{ columns | join(',\n        ') }},
        extract_date,
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
