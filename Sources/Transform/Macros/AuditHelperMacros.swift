extension BuiltinMacros {
  /// What the package audit_helper asks of an engine that SQLite has in another way (its macros: hub.getdbt.com/dbt-labs/audit_helper).
  static let auditHelperMacros = #"""
    {# SQLite counts nothing distinct in a window; ranks from both ends do. #}
    {% macro sqlite___count_num_rows_in_status() %}
      {{ audit_helper._count_num_rows_in_status_without_distinct_window_func() }}
    {% endmacro %}

    {# The same rows, each as often: no hash of a table is needed for that. #}
    {% macro sqlite__quick_are_queries_identical(query_a, query_b, columns, event_time) %}
      {%- set names = columns | join(', ') -%}
      {%- set bounds = audit_helper._get_comparison_bounds(query_a, query_b, event_time) if event_time else none -%}
      with query_a as (
        select {{ names }}, count(*) as dbt_audit_times from ({{ query_a }}) as a {{ audit_helper.event_time_filter(bounds) }} group by {{ names }}
      ),
      query_b as (
        select {{ names }}, count(*) as dbt_audit_times from ({{ query_b }}) as b {{ audit_helper.event_time_filter(bounds) }} group by {{ names }}
      )
      select not exists (select * from query_a except select * from query_b)
        and not exists (select * from query_b except select * from query_a) as are_tables_identical
    {% endmacro %}
    """#
}
