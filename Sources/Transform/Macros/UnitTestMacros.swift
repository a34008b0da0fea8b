extension BuiltinMacros {
  /// Fixtures of unit tests as SELECTs (docs.getdbt.com/docs/build/unit-tests).
  static let unitTestMacros = #"""
    {% macro get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
      {{ adapter.dispatch('get_unit_test_sql', 'dbt')(main_sql, expected_fixture_sql, expected_column_names) }}
    {%- endmacro %}

    {% macro default__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
      {%- set columns = expected_column_names | join(', ') -%}
      with dbt_internal_unit_test_actual as (
        select {{ columns }}, 'actual' as "actual_or_expected"
        from (
          {{ main_sql }}
        ) _dbt_internal_unit_test_actual
      ),
      dbt_internal_unit_test_expected as (
        select {{ columns }}, 'expected' as "actual_or_expected"
        from (
          {{ expected_fixture_sql }}
        ) _dbt_internal_unit_test_expected
      )
      select * from dbt_internal_unit_test_actual
      union all
      select * from dbt_internal_unit_test_expected
    {%- endmacro %}

    {% macro get_fixture_sql(rows, column_name_to_data_types) -%}
      {%- if rows | length == 0 -%}
        select
        {%- for name, type in column_name_to_data_types.items() %}
          {{ safe_cast('null', type) }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
        limit 0
      {%- endif -%}
      {%- for row in rows -%}
        {%- set formatted = format_row(row, column_name_to_data_types) -%}
        select
        {%- for name in column_name_to_data_types %}
          {{ formatted.get(name, safe_cast('null', column_name_to_data_types[name])) }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
        {% if not loop.last %}union all
        {% endif %}
      {%- endfor -%}
    {%- endmacro %}

    {% macro get_expected_sql(rows, column_name_to_data_types, column_name_to_quoted=none) -%}
      {%- if rows | length == 0 -%}
        select * from dbt_internal_unit_test_actual limit 0
      {%- endif -%}
      {%- for row in rows -%}
        {%- set formatted = format_row(row, column_name_to_data_types) -%}
        select
        {%- for name, value in formatted.items() %}
          {{ value }} as {{ (column_name_to_quoted or {}).get(name, name) }}{{ ',' if not loop.last }}
        {%- endfor %}
        {% if not loop.last %}union all
        {% endif %}
      {%- endfor -%}
    {%- endmacro %}

    {% macro format_row(row, column_name_to_data_types) -%}
      {%- set formatted = {} -%}
      {%- for name, value in row.items() -%}
        {%- set key = name | lower -%}
        {%- if key not in column_name_to_data_types -%}
          {% do exceptions.raise_compiler_error("Invalid column name: '" ~ name ~ "' in unit test fixture for expected output. "
                ~ "Accepted columns are: " ~ (column_name_to_data_types.keys() | list)) %}
        {%- endif -%}
        {%- set type = column_name_to_data_types[key] -%}
        {%- if value is none -%}
          {%- do formatted.update({key: safe_cast('null', type)}) -%}
        {%- elif value is string -%}
          {%- do formatted.update({key: safe_cast(string_literal(escape_single_quotes(value)), type)}) -%}
        {%- else -%}
          {%- do formatted.update({key: safe_cast(value, type)}) -%}
        {%- endif -%}
      {%- endfor -%}
      {{ return(formatted) }}
    {%- endmacro %}
    """#
}
