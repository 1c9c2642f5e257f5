{#- A snapshot holds everything, so what was delivered before the last one no longer counts. -#}
{%- macro since_last_snapshot(feed) -%}
source.extract_date >= coalesce((
            select max(loads.extract_date)
            from {{ source('raw', 'loads') }} as loads
            where loads.feed = '{{ feed }}' and loads.delivery = 'snapshot'
        ), cast('0001-01-01' as date))
{%- endmacro -%}
