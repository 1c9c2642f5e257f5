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
