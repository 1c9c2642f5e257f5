{#-
  The first and the last value in a window that is not null. Engines write `ignore nulls` in
  different places.
-#}
{%- macro first_filled(value) -%}
first_value({{ value }} ignore nulls)
{%- endmacro -%}

{%- macro last_filled(value) -%}
last_value({{ value }} ignore nulls)
{%- endmacro -%}
