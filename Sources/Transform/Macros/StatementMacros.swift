extension BuiltinMacros {
  /// Running SQL from a template and looking at what it returned (docs.getdbt.com/reference/dbt-jinja-functions/statement-blocks).
  static let statementMacros = #"""
    {% macro statement(name=none, fetch_result=false, auto_begin=true, language='sql') -%}
      {%- if execute -%}
        {%- set written = caller() -%}
        {%- if name == 'main' -%}{{ write(written) }}{%- endif -%}
        {%- set response, table = adapter.execute(written, auto_begin=auto_begin, fetch=fetch_result) -%}
        {%- if name is not none -%}
          {{ store_result(name, response=response, agate_table=table) }}
        {%- endif -%}
      {%- endif -%}
    {%- endmacro %}

    {% macro noop_statement(name=none, message=none, code=none, rows_affected=none, res=none) -%}
      {%- set written = caller() -%}
      {%- if name == 'main' -%}{{ write(written) }}{%- endif -%}
      {%- if name is not none -%}
        {{ store_raw_result(name, message=message, code=code, rows_affected=rows_affected, agate_table=res) }}
      {%- endif -%}
    {%- endmacro %}

    {% macro run_query(sql) -%}
      {%- call statement('run_query_statement', fetch_result=true, auto_begin=false) -%}
        {{ sql }}
      {%- endcall -%}
      {% do return(load_result('run_query_statement').table) %}
    {%- endmacro %}

    {% macro get_show_sql(compiled_code, sql_header, limit) -%}
      {%- if sql_header is not none %}{{ sql_header }}{% endif %}
      {{ get_limit_subquery_sql(compiled_code, limit) }}
    {%- endmacro %}

    {% macro get_limit_subquery_sql(sql, limit) -%}
      {{ adapter.dispatch('get_limit_sql', 'dbt')(sql, limit) }}
    {%- endmacro %}

    {% macro default__get_limit_sql(sql, limit) -%}
      {{ sql }}
      {% if limit is not none %}limit {{ limit }}{% endif %}
    {%- endmacro %}

    {% macro validate_sql(sql) -%}
      {{ return(adapter.dispatch('validate_sql', 'dbt')(sql)) }}
    {%- endmacro %}

    {% macro default__validate_sql(sql) -%}
      {% call statement('validate_sql') -%}
        explain {{ sql }}
      {%- endcall %}
      {{ return(load_result('validate_sql')) }}
    {%- endmacro %}

    {% macro set_sql_header(config) -%}
      {{ config.set('sql_header', caller()) }}
    {%- endmacro %}

    {% macro should_full_refresh() -%}
      {%- set wanted = config.get('full_refresh') -%}
      {%- if wanted is none -%}{%- set wanted = flags.FULL_REFRESH -%}{%- endif -%}
      {{ return(wanted) }}
    {%- endmacro %}

    {% macro should_store_failures() -%}
      {%- set wanted = config.get('store_failures') -%}
      {%- if wanted is none -%}{%- set wanted = flags.STORE_FAILURES -%}{%- endif -%}
      {{ return(wanted) }}
    {%- endmacro %}

    {% macro is_incremental() -%}
      {%- if not execute -%}
        {{ return(false) }}
      {%- endif -%}
      {%- set relation = adapter.get_relation(this.database, this.schema, this.table) -%}
      {{ return(relation is not none and relation.type == 'table' and model.config.materialized == 'incremental'
                and not should_full_refresh()) }}
    {%- endmacro %}
    """#
}
