{#- A share published beside its counts; null, never 0, when nothing was counted. -#}
{%- macro rate(numerator, denominator) -%}
cast({{ numerator }} as double) / nullif({{ denominator }}, 0)
{%- endmacro -%}

{#- Satisfied answers count fully, basically satisfied ones by the weight of the policy. -#}
{%- macro satisfaction_rate(satisfied, basically_satisfied, weight, denominator) -%}
({{ satisfied }} + {{ weight }} * {{ basically_satisfied }}) / nullif({{ denominator }}, 0)
{%- endmacro -%}

{#- The counts behind the three rates, over rows of the fact of ratings. -#}
{%- macro followup_counts() -%}
count(*) as followups,
        count(case when is_valid then 1 end) as valid_followups,
        count(case when is_valid and is_responded then 1 end) as responded,
        count(case when is_valid_full then 1 end) as valid_full,
        count(case when is_valid_full and is_resolved then 1 end) as resolved,
        count(case when is_valid_full and satisfaction = 'satisfied' then 1 end)
            as satisfied,
        count(
            case when is_valid_full and satisfaction = 'basically_satisfied' then 1 end
        ) as basically_satisfied
{%- endmacro -%}
