extension BuiltinMacros {
  /// What the warehouse holds: schemas, relations, columns; comments and grants.
  static let metadataMacros = #"""
    {% macro get_columns_in_relation(relation) -%}
      {{ return(adapter.get_columns_in_relation(relation)) }}
    {%- endmacro %}

    {% macro get_columns_in_query(select_sql) -%}
      {{ return(adapter.get_columns_in_query(select_sql) | map(attribute='name') | list) }}
    {%- endmacro %}

    {% macro get_column_schema_from_query(select_sql, select_sql_header=none) -%}
      {{ return(adapter.get_columns_in_query(select_sql)) }}
    {%- endmacro %}

    {% macro get_empty_subquery_sql(select_sql, select_sql_header=none) -%}
      {%- if select_sql_header is not none %}{{ select_sql_header }}{% endif %}
      select * from (
        {{ select_sql }}
      ) as __dbt_sbq
      where false
      limit 0
    {%- endmacro %}

    {% macro get_list_of_column_names(columns) -%}
      {{ return(columns | map(attribute='name') | list) }}
    {%- endmacro %}

    {% macro information_schema_name(database) -%}
      sqlite_master
    {%- endmacro %}

    {% macro list_schemas(database) -%}
      {{ return(adapter.list_schemas(database)) }}
    {%- endmacro %}

    {% macro check_schema_exists(information_schema, schema) -%}
      {{ return(adapter.check_schema_exists(target.database, schema)) }}
    {%- endmacro %}

    {% macro list_relations_without_caching(schema_relation) -%}
      {{ return(adapter.list_relations_without_caching(schema_relation)) }}
    {%- endmacro %}

    {% macro persist_docs(relation, model, for_relation=true, for_columns=true) -%}
      {{ return(adapter.dispatch('persist_docs', 'dbt')(relation, model, for_relation, for_columns)) }}
    {%- endmacro %}

    {% macro default__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- endmacro %}

    {% macro copy_grants() -%}
      {{ return(false) }}
    {%- endmacro %}

    {% macro should_revoke(existing_relation, full_refresh_mode=true) -%}
      {{ return(false) }}
    {%- endmacro %}

    {% macro apply_grants(relation, grant_config, should_revoke=true) -%}
      {%- if grant_config -%}
        {% do exceptions.warn("grants are left alone: this warehouse is a file and knows no users; "
                              ~ "its permissions are those of the file (" ~ relation ~ ")") %}
      {%- endif -%}
    {%- endmacro %}

    {% macro collect_freshness(source, loaded_at_field, filter) -%}
      {{ return(adapter.dispatch('collect_freshness', 'dbt')(source, loaded_at_field, filter)) }}
    {%- endmacro %}

    {% macro default__collect_freshness(source, loaded_at_field, filter) -%}
      {% call statement('collect_freshness', fetch_result=true, auto_begin=false) -%}
        select
          max({{ loaded_at_field }}) as max_loaded_at,
          {{ current_timestamp() }} as snapshotted_at
        from {{ source }}
        {% if filter %}where {{ filter }}{% endif %}
      {%- endcall %}
      {{ return(load_result('collect_freshness')) }}
    {%- endmacro %}

    {% macro collect_freshness_custom_sql(source, loaded_at_query) -%}
      {{ return(adapter.dispatch('collect_freshness_custom_sql', 'dbt')(source, loaded_at_query)) }}
    {%- endmacro %}

    {% macro default__collect_freshness_custom_sql(source, loaded_at_query) -%}
      {% call statement('collect_freshness_custom_sql', fetch_result=true, auto_begin=false) -%}
        with source_query as (
          {{ loaded_at_query }}
        )
        select
          (select * from source_query) as max_loaded_at,
          {{ current_timestamp() }} as snapshotted_at
      {%- endcall %}
      {{ return(load_result('collect_freshness_custom_sql')) }}
    {%- endmacro %}
    """#
}
