extension BuiltinMacros {
  /// What the package dbt_utils asks of an engine that SQLite has in another way (its macros: hub.getdbt.com/dbt-labs/dbt_utils).
  static let dbtUtilsMacros = #"""
    {# SQLite has no information_schema: the relations are listed now. #}
    {% macro sqlite__get_tables_by_pattern_sql(schema_pattern, table_pattern, exclude='', database=target.database) %}
      select distinct table_schema, table_name, table_type
      from (
        select null as table_schema, null as table_name, null as table_type where false
        {%- for schema in adapter.list_schemas(database) %}
        {%- for relation in adapter.list_relations_without_caching(api.Relation.create(database=database, schema=schema)) %}
        union all select {{ dbt.string_literal(relation.schema) }}, {{ dbt.string_literal(relation.identifier) }}, '{{ relation.type }}'
        {%- endfor %}
        {%- endfor %}
      )
      where table_schema like '{{ schema_pattern }}' and table_name like '{{ table_pattern }}' and table_name not like '{{ exclude }}'
    {% endmacro %}

    {# A member of a compound select stands without parentheses; a column without a declared type keeps its values as they are. #}
    {% macro sqlite__union_relations(relations, column_override=none, include=[], exclude=[], source_column_name='_dbt_source_relation', where=none) %}
      {%- if exclude and include -%}
        {% do exceptions.raise_compiler_error("Both an exclude and include list were provided to the `union` macro. Only one is allowed") %}
      {%- endif -%}
      {%- if not execute -%}{{ return('') }}{%- endif -%}
      {%- set column_override = column_override or {} -%}
      {%- set included = include | map('lower') | list -%}
      {%- set excluded = exclude | map('lower') | list -%}
      {%- set columns = {} -%}
      {%- set present = {} -%}
      {%- for relation in relations -%}
        {%- do dbt_utils._is_relation(relation, 'union_relations') -%}
        {%- do dbt_utils._is_ephemeral(relation, 'union_relations') -%}
        {%- set names = [] -%}
        {%- for column in adapter.get_columns_in_relation(relation) if column.name | lower not in excluded
          and (not included or column.name | lower in included) -%}
          {%- do names.append(column.name) -%}
          {%- if column.name not in columns or not columns[column.name].data_type -%}{%- do columns.update({column.name: column}) -%}{%- endif -%}
        {%- endfor -%}
        {%- do present.update({relation: names}) -%}
      {%- endfor -%}
      {%- if not columns and (include or exclude) and flags.WHICH in ['run', 'build'] -%}
        {% do exceptions.raise_compiler_error("There were no columns found to union for relations " ~ (relations | map(attribute='name') | join(', '))) %}
      {%- endif -%}
      {%- for relation in relations %}
      select
        {%- if source_column_name is not none %}
        cast({{ dbt.string_literal(relation.render()) }} as {{ dbt.type_string() }}) as {{ source_column_name }}{{ ',' if columns }}
        {%- endif %}
        {%- for name, column in columns.items() %}
        {%- set type = column_override.get(name, column.data_type) %}
        {%- set value = adapter.quote(name) if name in present[relation] else 'null' %}
        {{ 'cast(' ~ value ~ ' as ' ~ type ~ ')' if type and type != 'UNKNOWN' else value }} as {{ column.quoted }}{{ ',' if not loop.last }}
        {%- endfor %}
        {%- if not columns and source_column_name is none %}*{% endif %}
      from {{ relation }}
      {%- if where %}
      where {{ where }}
      {%- endif %}
      {%- if not loop.last %}
      union all
      {%- endif %}
      {%- endfor %}
    {% endmacro %}

    {# A value at the edge of a bucket belongs to the next one; the width is a real number also where the bounds are integers. #}
    {% macro sqlite__width_bucket(expr, min_value, max_value, num_buckets) -%}
      max(0, min(
        cast(({{ expr }} - {{ min_value }}) * {{ num_buckets }} / (1.0 * ({{ max_value }} - {{ min_value }})) + 1 as integer)
          - ({{ expr }} < {{ min_value }}),
        {{ num_buckets }} + 1
      ))
    {%- endmacro %}

    {# A proportion is a real number: SQLite divides integers as integers. #}
    {% macro sqlite__test_not_null_proportion(model, group_by_columns) %}
      {%- set column_name = kwargs.get('column_name', kwargs.get('arg')) -%}
      {%- set at_least = kwargs.get('at_least', kwargs.get('arg')) -%}
      {%- set at_most = kwargs.get('at_most', kwargs.get('arg', 1)) -%}
      select * from (
        select {{ group_by_columns | join(', ') ~ ', ' if group_by_columns }}1.0 * count({{ column_name }}) / count(*) as not_null_proportion
        from {{ model }}
        {{ 'group by ' ~ group_by_columns | join(', ') if group_by_columns }}
      )
      where not_null_proportion < {{ at_least }} or not_null_proportion > {{ at_most }}
    {% endmacro %}

    {# Times are texts: two of them are equal in the same form. #}
    {% macro sqlite__test_sequential_values(model, column_name, interval=1, datepart=None, group_by_columns=[]) %}
      {%- set previous = 'previous_' ~ dbt_utils.slugify(column_name) -%}
      {%- set groups = group_by_columns | join(', ') -%}
      with windowed as (
        select {{ groups ~ ', ' if groups }}{{ column_name }},
          lag({{ column_name }}) over ({{ 'partition by ' ~ groups if groups }} order by {{ column_name }}) as {{ previous }}
        from {{ model }}
      )
      select * from windowed
      {%- if datepart %}
      where datetime({{ column_name }}) <> datetime({{ dbt.dateadd(datepart, interval, previous) }})
      {%- else %}
      where {{ column_name }} <> {{ previous }} + {{ interval }}
      {%- endif %}
    {% endmacro %}
    """#
}
