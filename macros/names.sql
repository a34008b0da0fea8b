{# The given name of a full name: its first word, or what follows the comma in "Family, Given". #}
{% macro first_name_of(column) -%}
  nullif(trim(case
    when instr({{ column }}, ',') > 0 then substr({{ column }}, instr({{ column }}, ',') + 1)
    when instr(trim({{ column }}), ' ') > 0 then substr(trim({{ column }}), 1, instr(trim({{ column }}), ' ') - 1)
    else {{ column }}
  end), '')
{%- endmacro %}

{# The family name of a full name: all after its first word, or what stands before the comma; null for a single word. #}
{% macro last_name_of(column) -%}
  nullif(trim(case
    when instr({{ column }}, ',') > 0 then substr({{ column }}, 1, instr({{ column }}, ',') - 1)
    when instr(trim({{ column }}), ' ') > 0 then substr(trim({{ column }}), instr(trim({{ column }}), ' ') + 1)
  end), '')
{%- endmacro %}
