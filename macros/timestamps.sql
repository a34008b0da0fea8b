{# Timestamps of every source as 'YYYY-MM-DD HH:MM:SS' in UTC: text that sorts, compares and goes into SQLite's date functions. #}

{# From ISO 8601 with Z or an offset such as +01:00 (Shopify, Zendesk, the application). #}
{% macro utc_from_iso(column) -%}
  strftime('%Y-%m-%d %H:%M:%S', {{ column }})
{%- endmacro %}

{# From Salesforce's 2026-01-31T09:30:00.000+0000: always UTC, but in an offset form that SQLite does not read. #}
{% macro utc_from_salesforce(column) -%}
  replace(substr({{ column }}, 1, 19), 'T', ' ')
{%- endmacro %}

{# From seconds since 1970 (Stripe). #}
{% macro utc_from_epoch(column) -%}
  strftime('%Y-%m-%d %H:%M:%S', {{ column }}, 'unixepoch')
{%- endmacro %}
