extension BuiltinMacros {
  /// Creating, renaming and dropping relations.
  static let relationMacros = #"""
    {% macro get_create_table_as_sql(temporary, relation, sql) -%}
      {{ adapter.dispatch('get_create_table_as_sql', 'dbt')(temporary, relation, sql) }}
    {%- endmacro %}

    {% macro default__get_create_table_as_sql(temporary, relation, sql) -%}
      {{ return(create_table_as(temporary, relation, sql)) }}
    {%- endmacro %}

    {% macro create_table_as(temporary, relation, compiled_code, language='sql') -%}
      {%- if language != 'sql' -%}
        {% do exceptions.raise_compiler_error("create_table_as takes SQL; a model in " ~ language ~ " cannot be run here") %}
      {%- endif -%}
      {{ adapter.dispatch('create_table_as', 'dbt')(temporary, relation, compiled_code) }}
    {%- endmacro %}

    {% macro default__create_table_as(temporary, relation, sql) -%}
      {%- set sql_header = config.get('sql_header', none) -%}
      {{ sql_header if sql_header is not none }}
      {%- set contract = config.get('contract') -%}
      {%- if contract and contract.enforced and not temporary %}
        {{ get_assert_columns_equivalent(sql) }}
        create table {{ relation }} {{ get_table_columns_and_constraints() }};
        insert into {{ relation }} ({{ get_contract_column_csv() }}) (
          {{ get_select_subquery(sql) }}
        );
      {%- else %}
        create {% if temporary %}temporary {% endif %}table {{ relation.include(schema=not temporary) }}
        as
        {{ sql }}
      {%- endif %}
    {%- endmacro %}

    {% macro get_create_view_as_sql(relation, sql) -%}
      {{ adapter.dispatch('get_create_view_as_sql', 'dbt')(relation, sql) }}
    {%- endmacro %}

    {% macro default__get_create_view_as_sql(relation, sql) -%}
      {{ return(create_view_as(relation, sql)) }}
    {%- endmacro %}

    {% macro create_view_as(relation, sql) -%}
      {{ adapter.dispatch('create_view_as', 'dbt')(relation, sql) }}
    {%- endmacro %}

    {% macro default__create_view_as(relation, sql) -%}
      {%- set sql_header = config.get('sql_header', none) -%}
      {{ sql_header if sql_header is not none }}
      {%- set contract = config.get('contract') -%}
      {%- if contract and contract.enforced %}
        {{ get_assert_columns_equivalent(sql) }}
      {%- endif %}
      create view {{ relation }} as
      {{ sql }}
    {%- endmacro %}

    {% macro get_contract_column_csv() -%}
      {%- for name, column in model.columns.items() -%}
        {{ adapter.quote(column.name) if column.quote else column.name }}{{ ', ' if not loop.last }}
      {%- endfor -%}
    {%- endmacro %}

    {% macro get_select_subquery(sql) -%}
      {{ return(adapter.dispatch('get_select_subquery', 'dbt')(sql)) }}
    {%- endmacro %}

    {% macro default__get_select_subquery(sql) -%}
      select {{ get_contract_column_csv() }}
      from (
        {{ sql }}
      ) as model_subq
    {%- endmacro %}

    {% macro get_table_columns_and_constraints() -%}
      {{ adapter.dispatch('get_table_columns_and_constraints', 'dbt')() }}
    {%- endmacro %}

    {% macro default__get_table_columns_and_constraints() -%}
      {{ return(table_columns_and_constraints()) }}
    {%- endmacro %}

    {% macro table_columns_and_constraints() -%}
      (
        {%- for text in adapter.render_raw_columns_constraints(raw_columns=model['columns']) %}
        {{ text }}{{ ',' if not loop.last }}
        {%- endfor %}
        {%- for text in adapter.render_raw_model_constraints(raw_constraints=model['constraints']) %}
        , {{ text }}
        {%- endfor %}
      )
    {%- endmacro %}

    {% macro get_assert_columns_equivalent(sql) -%}
      {{ adapter.dispatch('get_assert_columns_equivalent', 'dbt')(sql) }}
    {%- endmacro %}

    {% macro default__get_assert_columns_equivalent(sql) -%}
      {{ return(assert_columns_equivalent(sql)) }}
    {%- endmacro %}

    {% macro assert_columns_equivalent(sql) -%}
      {%- do adapter.assert_columns_equivalent(sql, model['columns']) -%}
    {%- endmacro %}

    {% macro get_rename_table_sql(relation, new_name) -%}
      {{ adapter.dispatch('get_rename_table_sql', 'dbt')(relation, new_name) }}
    {%- endmacro %}

    {% macro default__get_rename_table_sql(relation, new_name) -%}
      alter table {{ relation }} rename to {{ adapter.quote(new_name) }}
    {%- endmacro %}

    {% macro rename_relation(from_relation, to_relation) -%}
      {{ return(adapter.dispatch('rename_relation', 'dbt')(from_relation, to_relation)) }}
    {%- endmacro %}

    {% macro default__rename_relation(from_relation, to_relation) -%}
      {% do adapter.rename_relation(from_relation, to_relation) %}
    {%- endmacro %}

    {% macro get_drop_sql(relation) -%}
      {{ adapter.dispatch('get_drop_sql', 'dbt')(relation) }}
    {%- endmacro %}

    {% macro default__get_drop_sql(relation) -%}
      drop {{ 'view' if relation.is_view else 'table' }} if exists {{ relation }}
    {%- endmacro %}

    {% macro drop_relation(relation) -%}
      {{ return(adapter.dispatch('drop_relation', 'dbt')(relation)) }}
    {%- endmacro %}

    {% macro default__drop_relation(relation) -%}
      {% do adapter.drop_relation(relation) %}
    {%- endmacro %}

    {% macro drop_relation_if_exists(relation) -%}
      {%- if relation is not none -%}
        {% do adapter.drop_relation(relation) %}
      {%- endif -%}
    {%- endmacro %}

    {% macro truncate_relation(relation) -%}
      {{ return(adapter.dispatch('truncate_relation', 'dbt')(relation)) }}
    {%- endmacro %}

    {% macro default__truncate_relation(relation) -%}
      {% do adapter.truncate_relation(relation) %}
    {%- endmacro %}

    {% macro make_intermediate_relation(base_relation, suffix='__dbt_tmp') -%}
      {{ return(adapter.dispatch('make_intermediate_relation', 'dbt')(base_relation, suffix)) }}
    {%- endmacro %}

    {% macro default__make_intermediate_relation(base_relation, suffix) -%}
      {{ return(make_temp_relation(base_relation, suffix)) }}
    {%- endmacro %}

    {% macro make_temp_relation(base_relation, suffix='__dbt_tmp') -%}
      {{ return(adapter.dispatch('make_temp_relation', 'dbt')(base_relation, suffix)) }}
    {%- endmacro %}

    {% macro default__make_temp_relation(base_relation, suffix) -%}
      {{ return(base_relation.incorporate(path={'identifier': base_relation.identifier ~ suffix}, type='table')) }}
    {%- endmacro %}

    {% macro make_backup_relation(base_relation, backup_relation_type='table', suffix='__dbt_backup') -%}
      {{ return(adapter.dispatch('make_backup_relation', 'dbt')(base_relation, backup_relation_type, suffix)) }}
    {%- endmacro %}

    {% macro default__make_backup_relation(base_relation, backup_relation_type, suffix) -%}
      {{ return(base_relation.incorporate(path={'identifier': base_relation.identifier ~ suffix}, type=backup_relation_type)) }}
    {%- endmacro %}

    {% macro get_or_create_relation(database, schema, identifier, type) -%}
      {%- set existing = adapter.get_relation(database=database, schema=schema, identifier=identifier) -%}
      {%- if existing -%}
        {{ return([true, existing]) }}
      {%- endif -%}
      {{ return([false, api.Relation.create(database=database, schema=schema, identifier=identifier, type=type)]) }}
    {%- endmacro %}

    {% macro load_cached_relation(relation) -%}
      {{ return(adapter.get_relation(database=relation.database, schema=relation.schema, identifier=relation.identifier)) }}
    {%- endmacro %}

    {% macro load_relation(relation) -%}
      {{ return(load_cached_relation(relation)) }}
    {%- endmacro %}

    {% macro create_schema(relation) -%}
      {{ return(adapter.dispatch('create_schema', 'dbt')(relation)) }}
    {%- endmacro %}

    {% macro default__create_schema(relation) -%}
      {% do adapter.create_schema(relation) %}
    {%- endmacro %}

    {% macro drop_schema(relation) -%}
      {{ return(adapter.dispatch('drop_schema', 'dbt')(relation)) }}
    {%- endmacro %}

    {% macro default__drop_schema(relation) -%}
      {% do adapter.drop_schema(relation) %}
    {%- endmacro %}

    {% macro drop_schema_named(schema_name) -%}
      {{ return(adapter.dispatch('drop_schema_named', 'dbt')(schema_name)) }}
    {%- endmacro %}

    {% macro default__drop_schema_named(schema_name) -%}
      {% do adapter.drop_schema(api.Relation.create(schema=schema_name)) %}
    {%- endmacro %}

    {% macro get_create_index_sql(relation, index_dict) -%}
      {{ return(adapter.dispatch('get_create_index_sql', 'dbt')(relation, index_dict)) }}
    {%- endmacro %}

    {% macro default__get_create_index_sql(relation, index_dict) -%}
      {%- set columns = index_dict.get('columns', []) -%}
      {%- if columns | length > 0 -%}
        {%- set name = 'ix_' ~ relation.identifier ~ '_' ~ local_md5(relation.identifier ~ columns | join(',')
                       ~ ('u' if index_dict.get('unique')))[:8] -%}
        create {{ 'unique ' if index_dict.get('unique') }}index if not exists {{ adapter.qualified_index(relation, name) }}
        on {{ adapter.index_table(relation) }} (
        {%- for column in columns %}{{ adapter.quote(column) }}{{ ', ' if not loop.last }}{% endfor -%} )
      {%- endif -%}
    {%- endmacro %}

    {% macro create_indexes(relation) -%}
      {{ adapter.dispatch('create_indexes', 'dbt')(relation) }}
    {%- endmacro %}

    {% macro default__create_indexes(relation) -%}
      {%- for index in config.get('indexes', default=[]) or [] -%}
        {%- set sql = get_create_index_sql(relation, index) -%}
        {%- if sql and sql | trim -%}
          {% do run_query(sql) %}
        {%- endif -%}
      {%- endfor -%}
    {%- endmacro %}
    """#
}
