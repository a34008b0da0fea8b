extension BuiltinMacros {
  /// Slowly changing dimensions of type 2 (docs.getdbt.com/docs/build/snapshots): the strategies, the table of changes, the
  /// merge of it into the snapshot.
  static let snapshotMacros = #"""
    {% macro strategy_dispatch(name) -%}
      {%- set package = none -%}
      {%- if '.' in name -%}
        {%- set package, name = name.split('.', 1) -%}
      {%- endif -%}
      {%- set search = context if package is none else context.get(package, {}) -%}
      {%- set macro_name = 'snapshot_' ~ name ~ '_strategy' -%}
      {%- if macro_name not in search -%}
        {% do exceptions.raise_compiler_error("No strategy macro named '" ~ macro_name ~ "' found") %}
      {%- endif -%}
      {{ return(search[macro_name]) }}
    {%- endmacro %}

    {% macro get_snapshot_table_column_names() -%}
      {{ return({'dbt_valid_to': 'dbt_valid_to', 'dbt_valid_from': 'dbt_valid_from', 'dbt_scd_id': 'dbt_scd_id',
                 'dbt_updated_at': 'dbt_updated_at', 'dbt_is_deleted': 'dbt_is_deleted'}) }}
    {%- endmacro %}

    {% macro snapshot_column_names() -%}
      {%- set names = get_snapshot_table_column_names() -%}
      {%- do names.update(config.get('snapshot_table_column_names') or {}) -%}
      {{ return(names) }}
    {%- endmacro %}

    {% macro snapshot_hash_arguments(args) -%}
      {{ adapter.dispatch('snapshot_hash_arguments', 'dbt')(args) }}
    {%- endmacro %}

    {% macro default__snapshot_hash_arguments(args) -%}
      md5(
        {%- for arg in args -%}
          coalesce(cast({{ arg }} as text), ''){{ " || '|' || " if not loop.last }}
        {%- endfor -%}
      )
    {%- endmacro %}

    {% macro get_hard_delete_mode(config) -%}
      {%- set mode = config.get('hard_deletes') -%}
      {%- if mode is none -%}
        {%- set mode = 'invalidate' if config.get('invalidate_hard_deletes') else 'ignore' -%}
      {%- endif -%}
      {%- if mode not in ['ignore', 'invalidate', 'new_record'] -%}
        {% do exceptions.raise_compiler_error("Invalid setting for property hard_deletes: '" ~ mode
                                              ~ "'; it is one of ignore, invalidate, new_record") %}
      {%- endif -%}
      {{ return(mode) }}
    {%- endmacro %}

    {% macro snapshot_timestamp_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) -%}
      {%- set names = snapshot_column_names() -%}
      {%- set primary_key = model_config.get('unique_key') -%}
      {%- set updated_at = model_config.get('updated_at') -%}
      {%- set keys = [primary_key] if primary_key is string else primary_key | list -%}
      {{ return({
        'unique_key': primary_key,
        'updated_at': updated_at,
        'row_changed': '(' ~ snapshotted_rel ~ '.' ~ names.dbt_valid_from ~ ' < ' ~ current_rel ~ '.' ~ updated_at ~ ')',
        'scd_id': snapshot_hash_arguments(keys + [updated_at]),
        'hard_deletes': get_hard_delete_mode(model_config)
      }) }}
    {%- endmacro %}

    {% macro snapshot_check_all_get_existing_columns(node, target_exists, check_cols_config) -%}
      {%- set wanted = [] -%}
      {%- set query_columns = get_columns_in_query(node['compiled_code']) -%}
      {%- if check_cols_config == 'all' -%}
        {%- set wanted = query_columns -%}
      {%- elif check_cols_config is iterable and check_cols_config is not string and check_cols_config | length > 0 -%}
        {%- for column in check_cols_config -%}
          {%- do wanted.append(column | string) -%}
        {%- endfor -%}
      {%- else -%}
        {% do exceptions.raise_compiler_error("Invalid value for 'check_cols': " ~ check_cols_config) %}
      {%- endif -%}
      {%- if not target_exists -%}
        {{ return((false, wanted)) }}
      {%- endif -%}
      {%- set existing = [] -%}
      {%- for column in adapter.get_columns_in_relation(this) -%}
        {%- do existing.append(column.name | lower) -%}
      {%- endfor -%}
      {%- set known = [] -%}
      {%- set missing = namespace(any=false) -%}
      {%- for column in wanted -%}
        {%- if column | lower | replace('"', '') in existing -%}
          {%- do known.append(column) -%}
        {%- else -%}
          {%- set missing.any = true -%}
        {%- endif -%}
      {%- endfor -%}
      {{ return((missing.any, known)) }}
    {%- endmacro %}

    {% macro snapshot_check_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) -%}
      {%- set primary_key = model_config.get('unique_key') -%}
      {%- set keys = [primary_key] if primary_key is string else primary_key | list -%}
      {%- set updated_at = model_config.get('updated_at') or snapshot_get_time() -%}
      {%- set column_added, columns = snapshot_check_all_get_existing_columns(node, target_exists, model_config.get('check_cols')) -%}
      {%- set conditions = [] -%}
      {%- if column_added -%}{%- do conditions.append('true') -%}{%- endif -%}
      {%- for column in columns -%}
        {%- do conditions.append(snapshotted_rel ~ '.' ~ column ~ ' is not ' ~ current_rel ~ '.' ~ column) -%}
      {%- endfor -%}
      {{ return({
        'unique_key': primary_key,
        'updated_at': updated_at,
        'row_changed': '(' ~ (conditions | join(' or ') or 'false') ~ ')',
        'scd_id': snapshot_hash_arguments(keys + [updated_at]),
        'hard_deletes': get_hard_delete_mode(model_config)
      }) }}
    {%- endmacro %}

    {% macro unique_key_fields(unique_key) -%}
      {%- if unique_key is string -%}
        {{ unique_key }} as dbt_unique_key
      {%- else -%}
        {%- for key in unique_key -%}
          {{ key }} as dbt_unique_key_{{ loop.index }}{{ ', ' if not loop.last }}
        {%- endfor -%}
      {%- endif -%}
    {%- endmacro %}

    {% macro unique_key_join_on(unique_key, identifier, from_identifier) -%}
      {%- if unique_key is string -%}
        {{ identifier }}.dbt_unique_key = {{ from_identifier }}.dbt_unique_key
      {%- else -%}
        {%- for key in unique_key -%}
          {{ identifier }}.dbt_unique_key_{{ loop.index }} = {{ from_identifier }}.dbt_unique_key_{{ loop.index }}
          {{- ' and ' if not loop.last }}
        {%- endfor -%}
      {%- endif -%}
    {%- endmacro %}

    {% macro unique_key_is_null(unique_key, identifier) -%}
      {{ identifier }}.dbt_unique_key{{ '' if unique_key is string else '_1' }} is null
    {%- endmacro %}

    {% macro get_dbt_valid_to_current(strategy, columns) -%}
      {%- set current = config.get('dbt_valid_to_current') -%}
      {{ current if current else 'null' }} as {{ columns.dbt_valid_to }}
    {%- endmacro %}

    {% macro snapshot_is_current(relation, columns) -%}
      {%- set current = config.get('dbt_valid_to_current') -%}
      {%- set column = (relation ~ '.' if relation) ~ columns.dbt_valid_to -%}
      {%- if current -%}
        ({{ column }} = {{ current }} or {{ column }} is null)
      {%- else -%}
        {{ column }} is null
      {%- endif -%}
    {%- endmacro %}

    {% macro build_snapshot_table(strategy, sql) -%}
      {{ adapter.dispatch('build_snapshot_table', 'dbt')(strategy, sql) }}
    {%- endmacro %}

    {% macro default__build_snapshot_table(strategy, sql) -%}
      {%- set columns = snapshot_column_names() %}
      select *,
        {{ strategy.scd_id }} as {{ columns.dbt_scd_id }},
        {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
        {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
        {{ get_dbt_valid_to_current(strategy, columns) }}
        {%- if strategy.hard_deletes == 'new_record' %},
        'False' as {{ columns.dbt_is_deleted }}
        {%- endif %}
      from (
        {{ sql }}
      ) sbq
    {%- endmacro %}

    {% macro snapshot_staging_table(strategy, source_sql, target_relation) -%}
      {{ adapter.dispatch('snapshot_staging_table', 'dbt')(strategy, source_sql, target_relation) }}
    {%- endmacro %}

    {% macro default__snapshot_staging_table(strategy, source_sql, target_relation) -%}
      {%- set columns = snapshot_column_names() -%}
      {%- set key = strategy.unique_key -%}
      {%- set now = snapshot_get_time() -%}
      {%- set records = strategy.hard_deletes == 'new_record' -%}
      with snapshot_query as (
        {{ source_sql }}
      ),
      snapshotted_data as (
        select *, {{ unique_key_fields(key) }}
        from {{ target_relation }}
        where {{ snapshot_is_current('', columns) }}
      ),
      insertions_source_data as (
        select *, {{ unique_key_fields(key) }},
          {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
          {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
          {{ get_dbt_valid_to_current(strategy, columns) }},
          {{ strategy.scd_id }} as {{ columns.dbt_scd_id }}
        from snapshot_query
      ),
      updates_source_data as (
        select *, {{ unique_key_fields(key) }},
          {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
          {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
          {{ strategy.updated_at }} as {{ columns.dbt_valid_to }}
        from snapshot_query
      )
      {%- if strategy.hard_deletes != 'ignore' %},
      deletes_source_data as (
        select *, {{ unique_key_fields(key) }}
        from snapshot_query
      )
      {%- endif %},
      insertions as (
        select 'insert' as dbt_change_type, source_data.*
          {%- if records %}, 'False' as {{ columns.dbt_is_deleted }}{% endif %}
        from insertions_source_data as source_data
        left join snapshotted_data on {{ unique_key_join_on(key, 'snapshotted_data', 'source_data') }}
        where {{ unique_key_is_null(key, 'snapshotted_data') }}
          or ({{ strategy.row_changed }}
          {%- if records %} or snapshotted_data.{{ columns.dbt_is_deleted }} = 'True'{% endif %})
      ),
      updates as (
        select 'update' as dbt_change_type, source_data.*, snapshotted_data.{{ columns.dbt_scd_id }}
          {%- if records %}, snapshotted_data.{{ columns.dbt_is_deleted }}{% endif %}
        from updates_source_data as source_data
        join snapshotted_data on {{ unique_key_join_on(key, 'snapshotted_data', 'source_data') }}
        where ({{ strategy.row_changed }}
          {%- if records %} or snapshotted_data.{{ columns.dbt_is_deleted }} = 'True'{% endif %})
      )
      {%- if strategy.hard_deletes != 'ignore' %},
      deletes as (
        select 'delete' as dbt_change_type, source_data.*,
          {{ now }} as {{ columns.dbt_updated_at }},
          {{ now }} as {{ columns.dbt_valid_from }},
          {{ now }} as {{ columns.dbt_valid_to }},
          snapshotted_data.{{ columns.dbt_scd_id }}
          {%- if records %}, snapshotted_data.{{ columns.dbt_is_deleted }}{% endif %}
        from snapshotted_data
        left join deletes_source_data as source_data on {{ unique_key_join_on(key, 'snapshotted_data', 'source_data') }}
        where {{ unique_key_is_null(key, 'source_data') }}
        {%- if records %} and snapshotted_data.{{ columns.dbt_is_deleted }} != 'True'{% endif %}
      )
      {%- endif %}
      {%- if records %}
      {%- set known = adapter.get_columns_in_relation(target_relation) | map(attribute='name') | map('lower') | list %},
      deletion_records as (
        select 'insert' as dbt_change_type,
          {%- for column in get_columns_in_query(source_sql) %}
          {% if column | lower in known %}snapshotted_data.{{ adapter.quote(column) }}{% else %}null{% endif %} as {{ adapter.quote(column) }},
          {%- endfor %}
          {%- if key is string %}
          snapshotted_data.dbt_unique_key as dbt_unique_key,
          {%- else %}{% for part in key %}
          snapshotted_data.dbt_unique_key_{{ loop.index }} as dbt_unique_key_{{ loop.index }},
          {%- endfor %}{% endif %}
          {{ now }} as {{ columns.dbt_updated_at }},
          {{ now }} as {{ columns.dbt_valid_from }},
          snapshotted_data.{{ columns.dbt_valid_to }} as {{ columns.dbt_valid_to }},
          {{ snapshot_hash_arguments(['snapshotted_data.' ~ columns.dbt_scd_id, now]) }} as {{ columns.dbt_scd_id }},
          'True' as {{ columns.dbt_is_deleted }}
        from snapshotted_data
        left join deletes_source_data as source_data on {{ unique_key_join_on(key, 'snapshotted_data', 'source_data') }}
        where {{ unique_key_is_null(key, 'source_data') }} and snapshotted_data.{{ columns.dbt_is_deleted }} != 'True'
      )
      {%- endif %}
      select * from insertions
      union all
      select * from updates
      {%- if strategy.hard_deletes != 'ignore' %}
      union all
      select * from deletes
      {%- endif %}
      {%- if records %}
      union all
      select * from deletion_records
      {%- endif %}
    {%- endmacro %}

    {% macro snapshot_merge_sql(target, source, insert_cols) -%}
      {{ adapter.dispatch('snapshot_merge_sql', 'dbt')(target, source, insert_cols) }}
    {%- endmacro %}

    {% macro default__snapshot_merge_sql(target, source, insert_cols) -%}
      {%- set columns = snapshot_column_names() -%}
      {%- set insert_cols_csv = insert_cols | join(', ') -%}
      update {{ target }} as DBT_INTERNAL_DEST
      set {{ columns.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ columns.dbt_valid_to }}
      from {{ source }} as DBT_INTERNAL_SOURCE
      where DBT_INTERNAL_SOURCE.{{ columns.dbt_scd_id }} = DBT_INTERNAL_DEST.{{ columns.dbt_scd_id }}
        and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
        and {{ snapshot_is_current('DBT_INTERNAL_DEST', columns) }};
      insert into {{ target }} ({{ insert_cols_csv }})
      select {{ insert_cols_csv }}
      from {{ source }} as DBT_INTERNAL_SOURCE
      where DBT_INTERNAL_SOURCE.dbt_change_type = 'insert'
    {%- endmacro %}

    {% macro snapshot_get_time() -%}
      {{ adapter.dispatch('snapshot_get_time', 'dbt')() }}
    {%- endmacro %}

    {% macro default__snapshot_get_time() -%}
      strftime('%Y-%m-%d %H:%M:%f', 'now')
    {%- endmacro %}

    {% macro get_snapshot_get_time_data_type() -%}
      {{ return(type_timestamp()) }}
    {%- endmacro %}
    """#
}
