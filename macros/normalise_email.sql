{#
  The mailbox that an e-mail address reaches, as text that can be compared; null where the text is no address.

  Letters are lowered and blanks cut off; what follows a plus sign is dropped (sub-addressing, RFC 5233); Gmail ignores
  dots before the @ and answers to googlemail.com as well.
#}
{% macro normalise_email(column) -%}
  {%- set address = "lower(trim(" ~ column ~ "))" -%}
  {%- set at = "instr(" ~ address ~ ", '@')" -%}
  {%- set mailbox = "substr(" ~ address ~ ", 1, " ~ at ~ " - 1)" -%}
  {%- set domain = "substr(" ~ address ~ ", " ~ at ~ " + 1)" -%}
  {%- set plain = "case when instr(" ~ mailbox ~ ", '+') > 1 then substr(" ~ mailbox ~ ", 1, instr(" ~ mailbox ~ ", '+') - 1) else " ~ mailbox ~ " end" -%}
  case
    when {{ column }} is null or {{ address }} not like '_%@_%._%' or instr({{ domain }}, '@') > 0 or instr({{ address }}, ' ') > 0 then null
    when {{ domain }} in ('gmail.com', 'googlemail.com') then replace({{ plain }}, '.', '') || '@gmail.com'
    else {{ plain }} || '@' || {{ domain }}
  end
{%- endmacro %}
