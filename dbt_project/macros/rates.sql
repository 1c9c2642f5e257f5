{#- A share published beside its counts; null, never 0, when nothing was counted. -#}
{%- macro rate(numerator, denominator) -%}
cast({{ numerator }} as double) / nullif({{ denominator }}, 0)
{%- endmacro -%}

{#- Satisfied answers count fully, basically satisfied ones by the weight of the policy. -#}
{%- macro satisfaction_rate(satisfied, basically_satisfied, weight, denominator) -%}
({{ satisfied }} + {{ weight }} * {{ basically_satisfied }}) / nullif({{ denominator }}, 0)
{%- endmacro -%}

{#-
  The counts behind the three rates: the tables by unit, group and city hold all of them, those of
  topics and of settlement some, always by these names.
-#}
{%- macro followup_columns() -%}
{{ return([
    'followups', 'unreachable', 'out_of_scope', 'excluded', 'response_only',
    'valid_followups', 'responded', 'valid_full', 'resolved', 'part_resolved', 'satisfied',
    'basically_satisfied',
]) }}
{%- endmacro -%}

{#-
  What an answer counts in the satisfaction rate, over rows of the fact of ratings: the sum is
  its numerator. Null where the follow-up is not in its denominator.
-#}
{%- macro satisfaction_points(is_valid_full) -%}
case
            when {{ is_valid_full }}
                then cast(
                    case satisfaction
                        when 'satisfied' then 1
                        when 'basically_satisfied' then basically_satisfied_weight
                        else 0
                    end as double
                )
        end
{%- endmacro -%}

{#- These counts over rows of the fact of ratings. -#}
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
        ) as basically_satisfied
{%- endmacro -%}

{#- These counts added up over rows that hold them: rates of a total are pooled, never means. -#}
{%- macro pooled_followups() -%}
{%- for column in followup_columns() %}
        cast(sum({{ column }}) as bigint) as {{ column }}{{ ',' if not loop.last }}
{%- endfor -%}
{%- endmacro -%}
