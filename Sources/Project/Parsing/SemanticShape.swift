import DataFormats
import OrderedCollections

/// Brings metrics, semantic models and saved queries into the shape that dbt's manifest gives them (schemas.getdbt.com/dbt/manifest/v12.json):
/// short forms written out, what is not said as null.
enum SemanticShape {
  /// The members of `value`, an entry of `metrics`, `semantic_models` or `saved_queries`, in the manifest's shape.
  static func members(of value: JSON, _ type: ResourceType) -> OrderedDictionary<String, JSON> {
    var result: OrderedDictionary<String, JSON>
    switch type {
    case .metric:
      result = filled(value, ["label": "", "type": "simple", "time_granularity": .null, "metadata": .null])
      result["type_params"] = parameters(value["type_params"] ?? [:])
      result["filter"] = filter(value["filter"])
      result["sources"] = []
      result["metrics"] = []
    case .semanticModel:
      result = filled(value, ["model": "", "label": .null, "defaults": .null, "primary_entity": .null, "metadata": .null])
      result["node_relation"] = .null
      result["entities"] = elements(value["entities"], ["role": .null, "expr": .null])
      result["dimensions"] = elements(value["dimensions"], ["is_partition": false, "type_params": .null, "expr": .null, "metadata": .null])
      result["measures"] = elements(
        value["measures"],
        ["create_metric": false, "expr": .null, "agg_params": .null, "non_additive_dimension": .null, "agg_time_dimension": .null])
    default:
      result = filled(value, ["label": .null, "metadata": .null])
      result["query_params"] = .object(query(value["query_params"] ?? [:]))
      result["exports"] = .array((value["exports"]?.array ?? []).map(export))
    }
    let config = value["config"] ?? [:]
    result["description"] = value["description"].flatMap { $0 == .null ? nil : $0 } ?? (type == .metric ? "" : .null)
    if type == .metric { result["meta"] = value["meta"] ?? config["meta"] ?? [:] }
    let tags = value["tags"] ?? config["tags"] ?? []
    if type != .semanticModel { result["tags"] = tags.array == nil ? .array([tags]) : tags }
    let group = value["group"] ?? config["group"] ?? .null
    var settings: OrderedDictionary<String, JSON> = ["enabled": true, "group": group, "meta": value["meta"] ?? [:]]
    if type == .savedQuery { settings["cache"] = ["enabled": false] }
    for (key, setting) in config.object ?? [:] { settings[key] = setting }
    result["config"] = .object(settings)
    result["unrendered_config"] = config.object == nil ? [:] : config
    result["group"] = group
    result["refs"] = []
    result["created_at"] = 0
    return result
  }

  private static func filled(_ value: JSON, _ defaults: OrderedDictionary<String, JSON>) -> OrderedDictionary<String, JSON> {
    var result: OrderedDictionary<String, JSON> = ["name": value["name"] ?? ""]
    for (key, fallback) in defaults { result[key] = value[key] ?? fallback }
    return result
  }

  private static func elements(_ list: JSON?, _ defaults: OrderedDictionary<String, JSON>) -> JSON {
    .array(
      (list?.array ?? []).map { element in
        var result = element.object ?? [:]
        for (key, value) in defaults where result[key] == nil { result[key] = value }
        for key in ["description", "label"] where result[key] == nil { result[key] = .null }
        result["config"] = ["meta": element["config"]?["meta"] ?? element["meta"] ?? [:]]
        return .object(result)
      })
  }

  // MARK: Metrics

  private static func parameters(_ value: JSON) -> JSON {
    let measure = measure(value["measure"])
    var result: OrderedDictionary<String, JSON> = ["measure": measure, "input_measures": measure == .null ? [] : [measure]]
    for key in ["numerator", "denominator"] { result[key] = input(value[key]) }
    result["expr"] = value["expr"].map { $0 == .null ? $0 : .string($0.plainText) } ?? .null
    result["window"] = window(value["window"])
    result["grain_to_date"] = value["grain_to_date"] ?? .null
    result["metrics"] = .array((value["metrics"]?.array ?? []).map { input($0) })
    result["metric_aggregation_params"] = .null
    result["conversion_type_params"] = .null
    if let conversion = value["conversion_type_params"], conversion.object != nil {
      var members = filled(conversion, ["entity": "", "calculation": "conversion_rate", "constant_properties": .null])
      members["name"] = nil
      for key in ["base_measure", "conversion_measure"] { members[key] = self.measure(conversion[key]) }
      members["window"] = window(conversion["window"])
      result["conversion_type_params"] = .object(members)
    }
    result["cumulative_type_params"] = .null
    if let cumulative = value["cumulative_type_params"], cumulative.object != nil {
      result["cumulative_type_params"] = [
        "window": window(cumulative["window"]), "grain_to_date": cumulative["grain_to_date"] ?? .null, "period_agg": cumulative["period_agg"] ?? "first",
        "metric": input(cumulative["metric"]),
      ]
    }
    return .object(result)
  }

  /// A measure, of which the name alone may be written.
  private static func measure(_ value: JSON?) -> JSON {
    guard let value, value != .null else { return .null }
    return [
      "name": value["name"] ?? value, "filter": filter(value["filter"]), "alias": value["alias"] ?? .null,
      "join_to_timespine": value["join_to_timespine"] ?? false, "fill_nulls_with": value["fill_nulls_with"] ?? .null,
    ]
  }

  /// A metric that goes into another.
  private static func input(_ value: JSON?) -> JSON {
    guard let value, value != .null else { return .null }
    return [
      "name": value["name"] ?? value, "filter": filter(value["filter"]), "alias": value["alias"] ?? .null, "offset_window": window(value["offset_window"]),
      "offset_to_grain": value["offset_to_grain"] ?? .null,
    ]
  }

  /// A condition, or several.
  private static func filter(_ value: JSON?) -> JSON {
    guard let value, value != .null else { return .null }
    return ["where_filters": .array((value.array ?? [value]).map { ["where_sql_template": .string($0.plainText)] })]
  }

  /// `7 days`
  private static func window(_ value: JSON?) -> JSON {
    guard let value, value != .null else { return .null }
    let parts = value.plainText.lowercased().split(separator: " ")
    guard parts.count == 2, let count = Int64(parts[0]) else { return value }
    return ["count": .int(count), "granularity": .string(String(parts[1].last == "s" ? parts[1].dropLast() : parts[1]))]
  }

  // MARK: Saved queries

  private static func query(_ value: JSON) -> OrderedDictionary<String, JSON> {
    [
      "metrics": value["metrics"] ?? [], "group_by": value["group_by"] ?? [], "where": filter(value["where"]), "order_by": value["order_by"] ?? [],
      "limit": value["limit"] ?? .null,
    ]
  }

  private static func export(_ value: JSON) -> JSON {
    let config = value["config"] ?? [:]
    return [
      "name": value["name"] ?? "", "unrendered_config": config,
      "config": [
        "export_as": config["export_as"] ?? "table", "schema_name": config["schema"] ?? config["schema_name"] ?? .null, "alias": config["alias"] ?? .null,
        "database": config["database"] ?? .null,
      ],
    ]
  }
}
