import DataFormats
import OrderedCollections

/// How configurations of several levels become one (docs.getdbt.com/reference/configs-and-properties).
enum ConfigurationMerge {
  /// `store_failures` and `store_failures_as` say one thing: the latter counts if it is set.
  static func settleStorage(_ config: inout NodeConfiguration) {
    if let kind = config.text("store_failures_as") {
      config.values["store_failures"] = .bool(kind != "ephemeral")
    } else if let stores = config.flag("store_failures") {
      config.values["store_failures_as"] = stores ? "table" : "ephemeral"
    }
  }

  /// Lays `values` over `base`: tags, hooks and packages are added, `meta`, `docs`, `contract`, `column_types`, `quoting`
  /// merged member by member, grants with a `+` added, everything else replaced.
  ///
  /// - Parameter keepsAdditions: whether grants with a `+` stay so, for a level below to be added to.
  static func merge(
    _ values: OrderedDictionary<String, JSON>, into base: inout OrderedDictionary<String, JSON>, keepsAdditions: Bool = false
  ) {
    for (written, value) in values {
      let key = NodeConfiguration.canonical(written)
      switch key {
      case "tags":
        base[key] = .array(Array(OrderedSet(list(base[key]) + list(value))))
      case "pre-hook", "post-hook", "packages":
        base[key] = .array(list(base[key]) + list(value))
      case "meta", "docs", "contract", "column_types", "quoting":
        guard case .object(var members) = base[key] ?? .object([:]), case .object(let others) = value else {
          if value != .null || base[key] == nil { base[key] = value }
          continue
        }
        for (name, member) in others { members[name] = member }
        base[key] = .object(members)
      case "grants":
        base[key] = grants(base[key], value, keepsAdditions)
      default:
        base[key] = value
      }
    }
  }

  private static func list(_ value: JSON?) -> [JSON] {
    switch value {
    case nil, .null: []
    case .array(let elements): elements
    case .some(let single): [single]
    }
  }

  private static func grants(_ base: JSON?, _ value: JSON, _ keepsAdditions: Bool) -> JSON {
    guard case .object(let others) = value else { return value }
    var members = base?.object ?? [:]
    for (key, grantees) in others {
      if key.hasPrefix("+"), keepsAdditions {
        members[key] = .array(list(members[key]) + list(grantees))
      } else if key.hasPrefix("+") {
        let name = String(key.dropFirst())
        members[name] = .array(list(members[name]) + list(grantees))
      } else {
        members[key] = .array(list(grantees))
      }
    }
    return .object(members)
  }

  /// The configuration that a tree of `dbt_project.yml` gives to something with the path `fqn`, level by level.
  static func levels(_ tree: JSON?, fqn: [String]) -> [OrderedDictionary<String, JSON>] {
    var result: [OrderedDictionary<String, JSON>] = []
    guard case .object(var members)? = tree else { return [] }
    result.append(own(members))
    for part in fqn {
      guard case .object(let inner)? = members[part] else { break }
      result.append(own(inner))
      members = inner
    }
    return result.filter { !$0.isEmpty }
  }

  /// The keys of one level of a tree that configure: those with a `+`, and those that are no mappings.
  private static func own(_ members: OrderedDictionary<String, JSON>) -> OrderedDictionary<String, JSON> {
    var values: OrderedDictionary<String, JSON> = [:]
    for (key, value) in members {
      if key.first == "+" {
        values[NodeConfiguration.canonical(String(key.drop { $0 == "+" || $0 == " " }).trimmingBlanks)] = value
      } else if value.object == nil {
        values[NodeConfiguration.canonical(key)] = value
      }
    }
    return values
  }

  /// dbt's defaults of a resource type, in the order of its manifest.
  static func defaults(_ type: ResourceType) -> OrderedDictionary<String, JSON> {
    switch type {
    case .test: testDefaults
    case .seed: seedDefaults
    case .snapshot: snapshotDefaults
    case .model: modelDefaults
    case .source, .exposure: ["enabled": true]
    case .unitTest: ["tags": [], "meta": [:], "enabled": true]
    default: nodeDefaults
    }
  }

  private static let nodeDefaults: OrderedDictionary<String, JSON> = [
    "enabled": true, "alias": nil, "schema": nil, "database": nil, "tags": [], "meta": [:], "group": nil, "materialized": "view",
    "incremental_strategy": nil, "batch_size": nil, "lookback": 1, "begin": nil, "persist_docs": [:], "post-hook": [], "pre-hook": [],
    "quoting": [:], "column_types": [:], "full_refresh": nil, "unique_key": nil, "on_schema_change": "ignore", "on_configuration_change": "apply",
    "grants": [:], "packages": [], "docs": ["show": true, "node_color": nil], "contract": ["enforced": false, "alias_types": true],
    "event_time": nil, "concurrent_batches": nil,
  ]
  private static let modelDefaults: OrderedDictionary<String, JSON> = {
    var values = nodeDefaults
    values["access"] = "protected"
    values["freshness"] = .null
    return values
  }()
  private static let seedDefaults: OrderedDictionary<String, JSON> = {
    var values = nodeDefaults
    values["materialized"] = "seed"
    values["delimiter"] = ","
    values["quote_columns"] = .null
    return values
  }()
  private static let snapshotDefaults: OrderedDictionary<String, JSON> = {
    var values = nodeDefaults
    values["materialized"] = "snapshot"
    for key in ["strategy", "target_schema", "target_database", "updated_at", "check_cols"] { values[key] = .null }
    values["snapshot_meta_column_names"] = [
      "dbt_valid_to": nil, "dbt_valid_from": nil, "dbt_scd_id": nil, "dbt_updated_at": nil, "dbt_is_deleted": nil,
    ]
    values["dbt_valid_to_current"] = .null
    return values
  }()
  private static let testDefaults: OrderedDictionary<String, JSON> = [
    "enabled": true, "alias": nil, "schema": "dbt_test__audit", "database": nil, "tags": [], "meta": [:], "group": nil, "materialized": "test",
    "severity": "ERROR", "store_failures": nil, "store_failures_as": nil, "where": nil, "limit": nil, "fail_calc": "count(*)", "warn_if": "!= 0",
    "error_if": "!= 0",
  ]
}

extension String {
  /// Without blanks and line ends at either end.
  var trimmingBlanks: String {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    var bytes = Substring(self).utf8
    while let first = bytes.first, isBlank(first) { bytes.removeFirst() }
    while let last = bytes.last, isBlank(last) { bytes.removeLast() }
    guard let first = bytes.first, let last = bytes.last else { return "" }
    // Blanks beyond ASCII are rare.
    if first < 0x80, last < 0x80 { return bytes.count == utf8.count ? self : String(Substring(bytes)) }
    var view = Substring(bytes).unicodeScalars
    while let first = view.first, first.properties.isWhitespace { view.removeFirst() }
    while let last = view.last, last.properties.isWhitespace { view.removeLast() }
    return String(view)
  }
}
