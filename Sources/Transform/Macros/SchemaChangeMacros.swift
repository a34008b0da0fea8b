extension BuiltinMacros {
  /// What an incremental model does when its columns change (docs.getdbt.com/docs/build/incremental-models, `on_schema_change`).
  static let schemaChangeMacros = #"""
    {% macro incremental_validate_on_schema_change(on_schema_change, default='ignore') -%}
      {%- if on_schema_change not in ['sync_all_columns', 'append_new_columns', 'fail', 'ignore'] -%}
        {% do exceptions.warn("Invalid value for on_schema_change (" ~ on_schema_change ~ ") specified. Setting default value of "
                              ~ default ~ ".") %}
        {{ return(default) }}
      {%- endif -%}
      {{ return(on_schema_change) }}
    {%- endmacro %}

    {% macro diff_columns(source_columns, target_columns) -%}
      {%- set known = target_columns | map(attribute='name') | map('lower') | list -%}
      {%- set missing = [] -%}
      {%- for column in source_columns if column.name | lower not in known -%}
        {%- do missing.append(column) -%}
      {%- endfor -%}
      {{ return(missing) }}
    {%- endmacro %}

    {% macro diff_column_data_types(source_columns, target_columns) -%}
      {%- set changed = [] -%}
      {%- for before in target_columns -%}
        {%- for after in source_columns if after.name | lower == before.name | lower and after.data_type != before.data_type -%}
          {%- do changed.append({'column_name': before.name, 'new_type': after.data_type}) -%}
        {%- endfor -%}
      {%- endfor -%}
      {{ return(changed) }}
    {%- endmacro %}

    {% macro check_for_schema_changes(source_relation, target_relation) -%}
      {%- set source_columns = adapter.get_columns_in_relation(source_relation) -%}
      {%- set target_columns = adapter.get_columns_in_relation(target_relation) -%}
      {%- set added = diff_columns(source_columns, target_columns) -%}
      {%- set removed = diff_columns(target_columns, source_columns) -%}
      {{ return({
        'schema_changed': added | length > 0 or removed | length > 0,
        'source_not_in_target': added,
        'target_not_in_source': removed,
        'source_columns': source_columns,
        'target_columns': target_columns,
        'new_target_types': diff_column_data_types(source_columns, target_columns)
      }) }}
    {%- endmacro %}

    {% macro alter_relation_add_remove_columns(relation, add_columns=none, remove_columns=none) -%}
      {{ return(adapter.dispatch('alter_relation_add_remove_columns', 'dbt')(relation, add_columns, remove_columns)) }}
    {%- endmacro %}

    {% macro default__alter_relation_add_remove_columns(relation, add_columns, remove_columns) -%}
      {%- for column in add_columns or [] -%}
        {% do run_query('alter table ' ~ relation.render() ~ ' add column ' ~ adapter.quote(column.name) ~ ' ' ~ column.data_type) %}
      {%- endfor -%}
      {%- for column in remove_columns or [] -%}
        {% do run_query('alter table ' ~ relation.render() ~ ' drop column ' ~ adapter.quote(column.name)) %}
      {%- endfor -%}
    {%- endmacro %}

    {% macro alter_column_type(relation, column_name, new_column_type) -%}
      {{ return(adapter.dispatch('alter_column_type', 'dbt')(relation, column_name, new_column_type)) }}
    {%- endmacro %}

    {% macro default__alter_column_type(relation, column_name, new_column_type) -%}
      {%- set column = adapter.quote(column_name) -%}
      {%- set temporary = adapter.quote(column_name ~ '__dbt_alter') -%}
      {% do run_query('alter table ' ~ relation.render() ~ ' add column ' ~ temporary ~ ' ' ~ new_column_type) %}
      {% do run_query('update ' ~ relation.render() ~ ' set ' ~ temporary ~ ' = ' ~ column) %}
      {% do run_query('alter table ' ~ relation.render() ~ ' drop column ' ~ column) %}
      {% do run_query('alter table ' ~ relation.render() ~ ' rename column ' ~ temporary ~ ' to ' ~ column) %}
    {%- endmacro %}

    {% macro sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) -%}
      {%- set added = schema_changes_dict['source_not_in_target'] -%}
      {%- set removed = schema_changes_dict['target_not_in_source'] if on_schema_change == 'sync_all_columns' else [] -%}
      {%- if added or removed -%}
        {% do alter_relation_add_remove_columns(target_relation, added, removed) %}
      {%- endif -%}
    {%- endmacro %}

    {% macro process_schema_changes(on_schema_change, source_relation, target_relation) -%}
      {%- if on_schema_change == 'ignore' -%}
        {{ return({}) }}
      {%- endif -%}
      {%- set changes = check_for_schema_changes(source_relation, target_relation) -%}
      {%- if changes['schema_changed'] -%}
        {%- if on_schema_change == 'fail' -%}
          {% do exceptions.raise_compiler_error(
            "The source and target schemas on this incremental model are out of sync!\n"
            ~ "Only in the query: " ~ (changes['source_not_in_target'] | map(attribute='name') | join(', ') or 'nothing')
            ~ ". Only in the table: " ~ (changes['target_not_in_source'] | map(attribute='name') | join(', ') or 'nothing')
            ~ ". Run it with --full-refresh, or set on_schema_change to append_new_columns or sync_all_columns.") %}
        {%- endif -%}
        {% do sync_column_schemas(on_schema_change, target_relation, changes) %}
      {%- endif -%}
      {{ return(changes['source_columns']) }}
    {%- endmacro %}
    """#
}
