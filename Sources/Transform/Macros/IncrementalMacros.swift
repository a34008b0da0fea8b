extension BuiltinMacros {
  /// The SQL of the incremental strategies (docs.getdbt.com/docs/build/incremental-strategy). Each
  /// `get_incremental_NAME_sql` takes one dictionary; a project adds a strategy by adding such a macro.
  static let incrementalMacros = #"""
    {% macro get_incremental_append_sql(arg_dict) -%}
      {{ return(adapter.dispatch('get_incremental_append_sql', 'dbt')(arg_dict)) }}
    {%- endmacro %}

    {% macro default__get_incremental_append_sql(arg_dict) -%}
      {{ return(get_insert_into_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns'])) }}
    {%- endmacro %}

    {% macro get_incremental_delete_insert_sql(arg_dict) -%}
      {{ return(adapter.dispatch('get_incremental_delete_insert_sql', 'dbt')(arg_dict)) }}
    {%- endmacro %}

    {% macro default__get_incremental_delete_insert_sql(arg_dict) -%}
      {{ return(get_delete_insert_merge_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['unique_key'],
                                            arg_dict['dest_columns'], arg_dict['incremental_predicates'])) }}
    {%- endmacro %}

    {% macro get_incremental_merge_sql(arg_dict) -%}
      {{ return(adapter.dispatch('get_incremental_merge_sql', 'dbt')(arg_dict)) }}
    {%- endmacro %}

    {% macro default__get_incremental_merge_sql(arg_dict) -%}
      {{ return(get_merge_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['unique_key'],
                              arg_dict['dest_columns'], arg_dict['incremental_predicates'])) }}
    {%- endmacro %}

    {% macro get_incremental_insert_overwrite_sql(arg_dict) -%}
      {{ return(adapter.dispatch('get_incremental_insert_overwrite_sql', 'dbt')(arg_dict)) }}
    {%- endmacro %}

    {% macro default__get_incremental_insert_overwrite_sql(arg_dict) -%}
      {{ return(get_insert_overwrite_merge_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns'],
                                               arg_dict['incremental_predicates'])) }}
    {%- endmacro %}

    {% macro get_incremental_microbatch_sql(arg_dict) -%}
      {{ return(adapter.dispatch('get_incremental_microbatch_sql', 'dbt')(arg_dict)) }}
    {%- endmacro %}

    {% macro default__get_incremental_microbatch_sql(arg_dict) -%}
      {%- set batch = model.batch -%}
      {%- set event_time = config.get('event_time') -%}
      {%- set time = 'coalesce(datetime(' ~ event_time ~ '), ' ~ event_time ~ ')' -%}
      {%- set predicates = (arg_dict['incremental_predicates'] or []) | list -%}
      {%- if batch and batch.event_time_start -%}
        {%- do predicates.append(time ~ " >= '" ~ batch.event_time_start.strftime('%Y-%m-%d %H:%M:%S') ~ "'") -%}
      {%- endif -%}
      {%- if batch and batch.event_time_end -%}
        {%- do predicates.append(time ~ " < '" ~ batch.event_time_end.strftime('%Y-%m-%d %H:%M:%S') ~ "'") -%}
      {%- endif -%}
      delete from {{ arg_dict['target_relation'] }}
      where {{ predicates | join(' and ') if predicates else '1 = 1' }};
      {{ get_insert_into_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns']) }}
    {%- endmacro %}

    {% macro get_incremental_default_sql(arg_dict) -%}
      {{ return(adapter.dispatch('get_incremental_default_sql', 'dbt')(arg_dict)) }}
    {%- endmacro %}

    {% macro default__get_incremental_default_sql(arg_dict) -%}
      {%- if arg_dict['unique_key'] -%}
        {{ return(get_incremental_delete_insert_sql(arg_dict)) }}
      {%- else -%}
        {{ return(get_incremental_append_sql(arg_dict)) }}
      {%- endif -%}
    {%- endmacro %}

    {% macro get_quoted_csv(column_names) -%}
      {%- set quoted = [] -%}
      {%- for name in column_names -%}
        {%- do quoted.append(adapter.quote(name)) -%}
      {%- endfor -%}
      {{ return(quoted | join(', ')) }}
    {%- endmacro %}

    {% macro get_insert_into_sql(target_relation, temp_relation, dest_columns) -%}
      {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
      insert into {{ target_relation }} ({{ columns }})
      select {{ columns }}
      from {{ temp_relation }}
    {%- endmacro %}

    {% macro get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
      {{ return(adapter.dispatch('get_delete_insert_merge_sql', 'dbt')(target, source, unique_key, dest_columns,
                                                                       incremental_predicates)) }}
    {%- endmacro %}

    {% macro default__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
      {%- if unique_key -%}
        {%- set keys = [unique_key] if unique_key is string else unique_key | list -%}
        delete from {{ target }}
        where ({{ keys | join(', ') }}) in (
          select {{ keys | join(', ') }}
          from {{ source }} as DBT_INTERNAL_SOURCE
        )
        {%- for predicate in incremental_predicates or [] %}
          and {{ predicate | replace('DBT_INTERNAL_DEST.', '') | replace('DBT_INTERNAL_TARGET.', '') }}
        {%- endfor %};
      {% endif %}
      {{ get_insert_into_sql(target, source, dest_columns) }}
    {%- endmacro %}

    {% macro get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) -%}
      {{ return(adapter.dispatch('get_merge_update_columns', 'dbt')(merge_update_columns, merge_exclude_columns, dest_columns)) }}
    {%- endmacro %}

    {% macro default__get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) -%}
      {%- if merge_update_columns and merge_exclude_columns -%}
        {% do exceptions.raise_compiler_error(
          'Model cannot specify merge_update_columns and merge_exclude_columns. Please update model to use only one config') %}
      {%- endif -%}
      {%- set chosen = [] -%}
      {%- if merge_update_columns -%}
        {%- set chosen = [merge_update_columns] if merge_update_columns is string else merge_update_columns | list -%}
      {%- else -%}
        {%- set excluded = [merge_exclude_columns] if merge_exclude_columns is string else (merge_exclude_columns or []) | list -%}
        {%- set excluded = excluded | map('lower') | list -%}
        {%- for column in dest_columns if column.name | lower not in excluded -%}
          {%- do chosen.append(column.name) -%}
        {%- endfor -%}
      {%- endif -%}
      {{ return(chosen) }}
    {%- endmacro %}

    {% macro get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
      {{ return(adapter.dispatch('get_merge_sql', 'dbt')(target, source, unique_key, dest_columns, incremental_predicates)) }}
    {%- endmacro %}

    {% macro default__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
      {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
      {%- set conditions = [] -%}
      {%- for predicate in incremental_predicates or [] -%}
        {%- do conditions.append('(' ~ (predicate | replace('DBT_INTERNAL_TARGET', 'DBT_INTERNAL_DEST')) ~ ')') -%}
      {%- endfor -%}
      {%- if unique_key -%}
        {%- for key in ([unique_key] if unique_key is string else unique_key) -%}
          {%- do conditions.append('DBT_INTERNAL_SOURCE.' ~ key ~ ' = DBT_INTERNAL_DEST.' ~ key) -%}
        {%- endfor -%}
        update {{ target }} as DBT_INTERNAL_DEST set
        {%- for name in get_merge_update_columns(config.get('merge_update_columns'), config.get('merge_exclude_columns'),
                                                 dest_columns) %}
          {{ adapter.quote(name) }} = DBT_INTERNAL_SOURCE.{{ adapter.quote(name) }}{{ ',' if not loop.last }}
        {%- endfor %}
        from {{ source }} as DBT_INTERNAL_SOURCE
        where {{ conditions | join(' and ') }};
        insert into {{ target }} ({{ columns }})
        select {{ columns }}
        from {{ source }} as DBT_INTERNAL_SOURCE
        where not exists (
          select 1 from {{ target }} as DBT_INTERNAL_DEST
          where {{ conditions | join(' and ') }}
        )
      {%- else -%}
        {{ get_insert_into_sql(target, source, dest_columns) }}
      {%- endif -%}
    {%- endmacro %}

    {% macro get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header=false) -%}
      {{ return(adapter.dispatch('get_insert_overwrite_merge_sql', 'dbt')(target, source, dest_columns, predicates,
                                                                          include_sql_header)) }}
    {%- endmacro %}

    {% macro default__get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header) -%}
      {%- set partition = config.get('partition_by') -%}
      {%- if partition is mapping -%}{%- set partition = partition.field -%}{%- endif -%}
      delete from {{ target }}
      {%- if partition %}
        {%- set keys = [partition] if partition is string else partition %}
        where ({{ keys | join(', ') }}) in (select {{ keys | join(', ') }} from {{ source }})
        {%- for predicate in predicates or [] %} and {{ predicate }}{% endfor %}
      {%- elif predicates %}
        where {{ predicates | join(' and ') }}
      {%- endif %};
      {{ get_insert_into_sql(target, source, dest_columns) }}
    {%- endmacro %}
    """#
}
