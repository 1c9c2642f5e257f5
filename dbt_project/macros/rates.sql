{#- A share published next to its counts; null, never 0, when nothing was counted. -#}
{%- macro rate(numerator, denominator) -%}
cast({{ numerator }} as double) / nullif({{ denominator }}, 0)
{%- endmacro -%}

{#- The three rates over columns of the names below; `of` is the relation that has them. -#}
{%- macro followup_rates(of='', suffix='') -%}
{{ rate(of ~ 'responded' ~ suffix, of ~ ('valid_at_close' if suffix else 'valid_followups')) }}
            as response_rate{{ suffix }},
        {{ rate(of ~ 'resolved' ~ suffix, of ~ 'valid_full' ~ suffix) }} as resolution_rate{{ suffix }},
        {{ rate(of ~ 'satisfaction_points' ~ suffix, of ~ 'valid_full' ~ suffix) }}
            as satisfaction_rate{{ suffix }}
{%- endmacro -%}

{#-
  What is counted for the three rates: numerators and denominators, always by these names. The
  points of satisfaction are the numerator of its rate.
-#}
{%- macro followup_columns() -%}
{{ return([
    'followups', 'unreachable', 'out_of_scope', 'excluded', 'response_only',
    'valid_followups', 'responded', 'valid_full', 'resolved', 'part_resolved', 'satisfied',
    'basically_satisfied', 'satisfaction_points',
]) }}
{%- endmacro -%}

{#- Those of them that the effect of a topic is judged by. -#}
{%- macro effect_columns() -%}
{{ return([
    'valid_followups', 'responded', 'valid_full', 'resolved',
    'satisfied', 'basically_satisfied', 'satisfaction_points',
]) }}
{%- endmacro -%}

{#- The same as it was when the period ended, and what came late. -#}
{%- macro settlement_columns() -%}
{{ return([
    'valid_at_close', 'responded_at_close', 'valid_full_at_close', 'resolved_at_close',
    'satisfied_at_close', 'basically_satisfied_at_close', 'satisfaction_points_at_close',
    'late_followups', 'late_exclusions',
]) }}
{%- endmacro -%}

{#-
  What an answer counts in the satisfaction rate: satisfied fully, basically satisfied by the
  weight of the policy. An exact decimal, so that sums do not depend on their order.
-#}
{%- macro answer_points() -%}
cast(
            case satisfaction
                when 'satisfied' then 1
                when 'basically_satisfied' then basically_satisfied_weight
                else 0
            end as decimal(9, 6)
        )
{%- endmacro -%}

{#- Type of a counted column. -#}
{%- macro counted_type(column) -%}
{{ 'decimal(18, 6)' if column.startswith('satisfaction_points') else 'bigint' }}
{%- endmacro -%}

{#- The counts over rows of core_ratings. -#}
{%- macro followup_counts() -%}
count(*) as followups,
        count(case when not coalesce(is_reached, false) then 1 end) as unreachable,
        count(case when coalesce(assessment_scope, 'none') = 'none' then 1 end) as out_of_scope,
        count(case when exclusion <> 'none' or appeal_exclusion <> 'none' then 1 end) as excluded,
        count(case when is_valid and assessment_scope = 'response_only' then 1 end)
            as response_only,
        count(case when is_valid then 1 end) as valid_followups,
        count(case when is_valid and is_responded then 1 end) as responded,
        count(case when is_valid_full then 1 end) as valid_full,
        count(case when is_valid_full and is_resolved then 1 end) as resolved,
        count(
            case when is_valid_full and is_part_resolved and not coalesce(is_resolved, false) then 1 end
        ) as part_resolved,
        count(case when is_valid_full and satisfaction = 'satisfied' then 1 end)
            as satisfied,
        count(
            case when is_valid_full and satisfaction = 'basically_satisfied' then 1 end
        ) as basically_satisfied,
        cast(coalesce(sum(satisfaction_points), 0) as decimal(18, 6)) as satisfaction_points
{%- endmacro -%}

{#- The counts at close over rows of core_ratings, with `is_full_at_close`. -#}
{%- macro settlement_counts() -%}
count(case when is_valid_at_close then 1 end) as valid_at_close,
        count(case when is_valid_at_close and is_responded then 1 end) as responded_at_close,
        count(case when is_full_at_close then 1 end) as valid_full_at_close,
        count(case when is_full_at_close and is_resolved then 1 end) as resolved_at_close,
        count(case when is_full_at_close and satisfaction = 'satisfied' then 1 end)
            as satisfied_at_close,
        count(case when is_full_at_close and satisfaction = 'basically_satisfied' then 1 end)
            as basically_satisfied_at_close,
        cast(coalesce(sum(case when is_full_at_close then answer_points end), 0) as decimal(18, 6))
            as satisfaction_points_at_close,
        count(case when is_late then 1 end) as late_followups,
        count(case when is_valid_at_close and not is_valid then 1 end) as late_exclusions
{%- endmacro -%}

{#- Counts added up over rows that hold them: rates of a total are pooled, never means. -#}
{%- macro pooled(columns) -%}
{%- for column in columns %}
        cast(sum({{ column }}) as {{ counted_type(column) }}) as {{ column }}{{ ',' if not loop.last }}
{%- endfor -%}
{%- endmacro -%}
{%- macro pooled_followups() -%}{{ pooled(followup_columns()) }}{%- endmacro -%}
{%- macro pooled_settlement() -%}{{ pooled(settlement_columns()) }}{%- endmacro -%}
