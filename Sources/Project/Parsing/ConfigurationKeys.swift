import DataFormats
import Diagnostics
import OrderedCollections

/// The keys that a configuration can have, and what their values are
/// (docs.getdbt.com/reference/model-configs and its neighbours, and the pages of the engines).
enum ConfigurationKeys {
  /// What a value must be.
  enum Kind: String {
    case flag = "true or false"
    case text = "a text"
    case texts = "a text or a list of texts"
    case mapping = "a mapping"
    case count = "a whole number"
  }

  /// Keys of dbt itself that are the same for all resources, with the kinds of those whose wrong values are refused.
  private static let common: OrderedDictionary<String, Kind?> = [
    "enabled": .flag, "tags": .texts, "meta": .mapping, "group": .text, "docs": .mapping, "event_time": nil, "description": nil, "name": nil,
  ]

  private static let relational: OrderedDictionary<String, Kind?> = [
    "materialized": .text, "alias": nil, "schema": nil, "database": nil, "catalog": nil, "pre-hook": nil, "post-hook": nil, "persist_docs": .mapping,
    "grants": .mapping, "contract": .mapping, "quoting": .mapping, "full_refresh": .flag, "access": nil, "sql_header": nil, "packages": nil,
    "column_types": .mapping, "constraints": nil, "static_analysis": nil, "quote_columns": nil, "severity": nil,
  ]

  private static let model: OrderedDictionary<String, Kind?> = [
    "unique_key": .texts, "incremental_strategy": .text, "on_schema_change": .text, "on_configuration_change": .text, "incremental_predicates": nil,
    "predicates": nil, "merge_update_columns": .texts, "merge_exclude_columns": .texts, "batch_size": nil, "lookback": .count, "begin": nil,
    "concurrent_batches": .flag, "freshness": nil, "latest_version": nil, "primary_key": nil, "python_version": nil,
  ]

  private static let seed: OrderedDictionary<String, Kind?> = ["delimiter": .text, "unique_key": .texts]

  private static let snapshot: OrderedDictionary<String, Kind?> = [
    "unique_key": .texts, "strategy": .text, "updated_at": nil, "check_cols": .texts, "target_schema": nil, "target_database": nil, "hard_deletes": .text,
    "invalidate_hard_deletes": .flag, "snapshot_meta_column_names": .mapping, "dbt_valid_to_current": nil,
  ]

  private static let test: OrderedDictionary<String, Kind?> = [
    "severity": .text, "store_failures": .flag, "store_failures_as": .text, "where": nil, "limit": .count, "fail_calc": .text, "warn_if": .text,
    "error_if": .text, "materialized": .text, "alias": nil, "schema": nil, "database": nil, "sql_header": nil, "full_refresh": .flag,
  ]

  private static let source: OrderedDictionary<String, Kind?> = [
    "freshness": nil, "loaded_at_field": nil, "loaded_at_query": nil, "schema": nil, "database": nil, "quoting": .mapping, "identifier": nil, "loader": nil,
    "external": nil,
  ]

  /// The keys of dbt itself for a type of resource, in the order in which suggestions prefer them.
  static func own(_ type: ResourceType) -> OrderedDictionary<String, Kind?> {
    switch type {
    case .model: models
    case .seed: seeds
    case .snapshot: snapshots
    case .test: tests
    case .source: sources
    case .exposure, .unitTest: common
    default: models
    }
  }

  private static let models = common.merging(relational) { first, _ in first }.merging(model) { first, _ in first }
  private static let seeds = common.merging(relational) { first, _ in first }.merging(seed) { first, _ in first }
  private static let snapshots = common.merging(relational) { first, _ in first }.merging(snapshot) { first, _ in first }
  private static let tests = common.merging(test) { first, _ in first }
  private static let sources = common.merging(source) { first, _ in first }

  /// Values that are one of a few words.
  static let words: [String: [String]] = [
    "on_schema_change": ["ignore", "fail", "append_new_columns", "sync_all_columns"], "severity": ["error", "warn"],
    "access": ["private", "protected", "public"], "hard_deletes": ["ignore", "invalidate", "new_record"],
    "on_configuration_change": ["apply", "continue", "fail"],
  ]

  /// Incremental strategies that need no macro of the project.
  static let strategies = ["append", "delete+insert", "merge", "insert_overwrite", "microbatch", "default"]

  /// Materializations that need no macro of the project.
  static let materializations: Set<String> = [
    "view", "table", "incremental", "ephemeral", "materialized_view", "seed", "snapshot", "test", "unit", "function",
  ]

  /// Materializations of other engines: a project that is written for several is not mistaken.
  static let foreignMaterializations: Set<String> = [
    "dynamic_table", "streaming_table", "external", "dictionary", "distributed_table", "distributed_incremental", "table_hive_ha", "materializedview", "source",
    "sink", "cloudview",
  ]

  /// Keys that only other engines look at: they mean nothing here, and are no mistakes.
  static let foreign: Set<String> = Set(
    """
    additional_libs access_control_list as_columnstore auto_liquid_cluster auto_refresh automatic_clustering backup base_location base_location_root \
    base_location_subpath batch_id bind bucket_count bucketed_by buckets catalog_name catchup change_tracking cluster cluster_by cluster_id clustered_by \
    compression compute_region copy_grants copy_partitions create_notebook data_retention_time_in_days databricks_compute databricks_tags \
    dataproc_cluster_name dataproc_region deploy_ddl dist diststyle distributed_by duplicate_key enable_change_history enable_list_inference \
    enable_refresh engine environment_dependencies environment_key external_access_integrations external_location external_volume field_delimiter fields \
    file_format force_batch format gcs_bucket glue_register glue_database grant_access_to ha hours_to_expiration http_path immutable_where imports \
    include_full_name_in_path incremental_apply_config_changes index index_url indexes initialize inserts_only intermediate_format job_cluster_config \
    job_execution_timeout_seconds keys kms_key_name labels layout lf_grants lf_inherited_tags lf_tags lf_tags_config lifetime liquid_clustered_by location \
    location_root matched_condition max_data_extension_time_in_days max_staleness merge_with_schema_evolution native_drop notebook_access_control_list \
    notebook_template_id not_matched_by_source_action not_matched_by_source_condition not_matched_condition on_table_exists options order_by overwrite \
    parallel partition_by partition_by_init partition_expiration_days partition_type partitioned_by partitions primary_index primary_key projections \
    properties python_job_config query_settings query_tag query_tags range refresh_interval_minutes refresh_method refresh_mode refreshable \
    replace_on require_partition_filter resource_tags retain_history row_access_policy row_filter s3_data_dir s3_data_naming s3_tmp_table_dir schedule \
    scheduler secrets secure seed_by_insert segmented_by_all_nodes segmented_by_string settings sharding_key skip_matched_step skip_not_matched_step \
    snowflake_initialization_warehouse snowflake_warehouse sort sort_type source_alias sources spark_encryption storage_serialization_policy storage_type \
    storage_uri submission_method table_format table_properties table_tag table_type target_alias target_lag tblproperties temp_schema \
    time_ingestion_partitioning timeout tmp_relation_type transient ttl unique_tmp_table_suffix unlogged use_anonymous_sproc user_folder_for_python \
    versions_to_keep view_security view_update_via_alter views_enabled workload_id write_compression zorder
    """.split(separator: " ").map(String.init))

  /// Whether a key means something for a type of resource, here or with another engine.
  static func isKnown(_ key: String, _ type: ResourceType) -> Bool {
    let own = own(type)
    if own[key] != nil || foreign.contains(key) { return true }
    // One block of dbt_project.yml often speaks of seeds and snapshots in the words of models.
    return type.isRefable && [models, seeds, snapshots].contains { $0[key] != nil }
  }

  /// What is wrong with the value of a key: the sentence and a hint; nil if it is in order.
  static func complaint(_ key: String, _ value: JSON, _ type: ResourceType) -> (message: String, hint: String?)? {
    guard value != .null else { return nil }
    if let words = words[key], let text = value.string, !words.contains(text.lowercased()), !text.contains("{{") {
      return (
        "'\(text)' is no value for '\(key)'", Suggestion.didYouMean(text, among: words) ?? "it is one of \(words.joined(separator: ", "))"
      )
    }
    guard let kind = own(type)[key] ?? nil, !isOf(kind, value) else { return nil }
    let written = value.string.map { "'\($0)'" } ?? value.text()
    if kind == .flag { return ("'\(key)' is true or false: \(written) is not of type 'boolean'", "write \(key): true or \(key): false") }
    return ("'\(key)' is \(kind.rawValue), and here it is \(written)", nil)
  }

  /// Values whose mistake dbt passes over: they are warned of.
  static func isTolerated(_ key: String) -> Bool { ["on_schema_change", "hard_deletes", "on_configuration_change"].contains(key) }

  private static func isOf(_ kind: Kind, _ value: JSON) -> Bool {
    if value.string?.contains("{{") == true || value.string?.contains("{%") == true { return true }
    switch kind {
    case .flag: return NodeConfiguration.flag(value) != nil
    case .text: return value.array == nil && value.object == nil
    case .texts: return value.object == nil && (value.array?.allSatisfy { $0.object == nil && $0.array == nil } ?? true)
    case .mapping: return value.object != nil
    case .count: return value.int != nil || value.string.flatMap { Int($0) } != nil
    }
  }
}
