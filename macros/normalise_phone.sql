{#
  The digits of a telephone number in its international form (E.164 without the plus sign).

  `number` is the number as people write it, `digits` its digits (see phone_digits), `calling_code` and `trunk_prefix` those of the
  country whose national form it may be in ('49' and '0' for Germany; an empty trunk prefix where there is none, as in Italy, whose
  numbers keep their leading zero). Null where there are too few digits to be a telephone.
#}
{% macro normalise_phone(number, digits, calling_code, trunk_prefix) -%}
  case
    when {{ digits }} is null or length({{ digits }}) < 7 then null
    when {{ number }} like '+%' then {{ digits }}
    when {{ digits }} like '00%' then substr({{ digits }}, 3)
    when {{ calling_code }} is null then {{ digits }}
    when {{ trunk_prefix }} <> '' and {{ digits }} like {{ trunk_prefix }} || '%'
      then {{ calling_code }} || substr({{ digits }}, length({{ trunk_prefix }}) + 1)
    when length({{ digits }}) > 10 and {{ digits }} like {{ calling_code }} || '%' then {{ digits }}
    else {{ calling_code }} || {{ digits }}
  end
{%- endmacro %}

{# The number without blanks around it, an extension ("x12", "ext. 12", "#12") or a trunk zero in brackets ("+44 (0)20 …"). #}
{% macro trim_phone(column) -%}
  {%- set marked = "replace(replace(lower(trim(" ~ column ~ ")), 'ext', '#'), 'x', '#')" -%}
  trim(replace(
    case when instr({{ marked }}, '#') > 1 then substr({{ marked }}, 1, instr({{ marked }}, '#') - 1) else {{ marked }} end,
    '(0)', ''
  ))
{%- endmacro %}

{# Nothing but the digits: the characters that people write between them are removed. #}
{% macro phone_digits(expression) -%}
  {%- set ns = namespace(sql=expression) -%}
  {%- for character in ['+', ' ', '-', '(', ')', '.', '/', ' ', '‑', '–'] -%}
    {%- set ns.sql = "replace(" ~ ns.sql ~ ", '" ~ character ~ "', '')" -%}
  {%- endfor -%}
  {{ ns.sql }}
{%- endmacro %}
