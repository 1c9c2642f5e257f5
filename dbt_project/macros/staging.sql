{#-
  Versions of the affected keys: what was delivered, and what is staged already and does not rest
  on an extract that has changed. `day` is the day of a staged row, `extracts` are its columns that
  name an extract.
-#}
{%- macro candidate_versions(feed, key, columns, day, extracts=['extract_date']) -%}
{%- set is_delivered = is_affected('key', key, feed) -%}
{%- set is_staged = is_affected('key', key, feed, day) -%}
    select
        {{ columns | join(',\n        ') }},
        {%- for extract in extracts %}
        extract_date{{ ' as ' ~ extract if extract != 'extract_date' }},
        {%- endfor %}
        _source_file as source_file,
        _source_line as source_line
    from {{ source('raw', feed) }}
{%- if is_incremental() %}
    where {{ is_delivered }}
    union all
    select
        {{ columns | join(',\n        ') }},
        {{ extracts | join(',\n        ') }},
        source_file,
        source_line
    from {{ this }}
    where
        {{ is_staged }}
        {%- for extract in extracts %}
        and {{ extract }} not in (
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

{#-
  How `candidates` is written: it is read several times on a full refresh, when it is the whole city
  and must not be kept for that.
-#}
{%- macro as_candidates() -%}
{{ return('as materialized' if is_incremental() else 'as not materialized') }}
{%- endmacro -%}

{#-
  The newest row of each key among `candidates`. On a full refresh every line is in them once, so
  that a window over keys and line numbers alone finds the older lines, which are left out then: a
  window over whole rows would hold every contact of the city in memory, or write them to disk.
-#}
{%- macro newest_versions(key) -%}
{%- set number = version_number([key], 'updated_at') -%}
{%- if is_incremental() -%}
select * from (
        select
            *,
            {{ number }} as version_number
        from candidates
    ) as numbered
    where version_number = 1
{%- else -%}
select * from candidates
    where not exists (
        select 1
        from (
            select
                extract_date,
                source_line,
                {{ number }} as version_number
            from candidates
        ) as numbered
        where
            numbered.version_number > 1
            and numbered.extract_date = candidates.extract_date
            and numbered.source_line = candidates.source_line
    )
{%- endif -%}
{%- endmacro -%}
