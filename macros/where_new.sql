{#
  The where clause by which an incremental model takes the rows of a source table that were extracted since its last run. Reads the
  model's common table expression `progress` (source_table, extracted_at). Rows of the last moment seen are taken again: others of the
  same moment may have come after them.
#}
{% macro where_new(source_table, extracted_at) -%}
  {%- if is_incremental() -%}
    where {{ extracted_at }} >= coalesce((select progress.extracted_at from progress where progress.source_table = '{{ source_table }}'), '')
  {%- else -%}
    where 1 = 1
  {%- endif -%}
{%- endmacro %}
