{# Decimals kept of effective streets and scores. Sums of logarithms differ in their last bits with
   the order of addition; rounded here, equal figures are equal, so noise never decides a rank. #}
{% macro topic_decimals() %}9{% endmacro %}

{# n ln n of a count; 0 for 0, its limit. #}
{% macro n_ln_n(count) -%}
    case when {{ count }} > 0 then {{ count }} * ln({{ count }}) else 0e0 end
{%- endmacro %}

{# Effective number of places: exp(-sum s ln s) over the shares s = n / N, written as
   exp(ln N - (sum n ln n) / N), so that leaving a part out is a subtraction from both sums.
   Null where no place is known. #}
{% macro effective_number(total, sum_n_ln_n) -%}
    case
        when {{ total }} > 0
            then round(exp(ln({{ total }}) - ({{ sum_n_ln_n }}) / {{ total }}), {{ topic_decimals() }})
    end
{%- endmacro %}

{# 100 x (volume / largest)^w x (breadth / largest)^(1 - w). A problem without volume or without a
   known street scores 0 for every weight, also where 0^0 would make it 1. #}
{% macro topic_score(volume, max_volume, breadth, max_breadth, weight) -%}
    case
        when {{ volume }} > 0 and {{ breadth }} > 0
            then round(
                100e0
                * power(cast({{ volume }} as double) / {{ max_volume }}, {{ weight }})
                * power({{ breadth }} / {{ max_breadth }}, 1 - {{ weight }}),
                {{ topic_decimals() }}
            )
        else 0e0
    end
{%- endmacro %}

{# What decides a rank: the score, then the volume, then the code. #}
{% macro rank_order() %}score desc, volume desc, problem_code asc{% endmacro %}

{# The whole numbers 0 .. count - 1, one a row: every engine can read it. #}
{% macro whole_numbers(count) -%}
    {% for number in range(count) -%}
        select {{ number }} as n{{ ' union all ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
