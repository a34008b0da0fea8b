{#
  Indexes for models that others look rows up in, for use in post_hook: SQLite has no hash join, and builds an index of its own for a join
  only where both sides are bare columns. The old index is dropped by name first, since it may still belong to the table that was replaced.

      post_hook=["{{ drop_index('order_id') }}", "{{ create_index('order_id') }}"]
#}
{% macro drop_index(columns) -%}
  drop index if exists {{ index_name(columns) }}
{%- endmacro %}

{% macro create_index(columns) -%}
  create index if not exists {{ index_name(columns) }} on {{ this.identifier }} ({{ columns }})
{%- endmacro %}

{% macro index_name(columns) -%}
  {{ this.identifier }}__{{ columns | replace(', ', '_') }}
{%- endmacro %}
