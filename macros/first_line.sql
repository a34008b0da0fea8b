{# The first line of a text: a street without the flat or floor that stands on the lines below it. #}
{% macro first_line(column) -%}
  case when instr({{ column }}, char(10)) > 0 then substr({{ column }}, 1, instr({{ column }}, char(10)) - 1) else {{ column }} end
{%- endmacro %}
