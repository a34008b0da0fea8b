import DataFormats
import Diagnostics
import FoundationEssentials
import Jinja
import OrderedCollections
import Project
import Warehouse

/// The names that mean the same for every node of a run (docs.getdbt.com/reference/dbt-jinja-functions).
enum SharedFunctions {
  static func variables(of run: RunContext) -> [String: Value] {
    var names = PureFunctions.all
    names["modules"] = Modules.value
    let now = run.startedAt
    names["api"] = .object(NamespaceObject("API", ["Relation": .object(run.relationClass), "Column": .object(run.columnClass)]))
    names["env_var"] = ConfigurationContext.environmentFunction(run.project.options.environment)
    names["execute"] = true
    names["invocation_id"] = .string(run.invocationID)
    names["run_started_at"] = .object(DateTimeObject(now))
    names["project_name"] = .string(run.project.configuration.name)
    names["flags"] = flags(run)
    let report = run.report
    names["log"] = Value(function: "log") { call in
      report(.logged(try call.argument(0, "msg")?.str() ?? "", isInfo: try call.argument(1, "info")?.isTrue ?? false))
      return ""
    }
    names["print"] = Value(function: "print") { call in
      report(.message(try call.argument(0, "msg")?.str() ?? ""))
      return ""
    }
    names["exceptions"] = exceptions(report)
    return names
  }

  /// The names whose values templates may change: a node gets them anew, because several are rendered at once.
  static func changeable(_ name: String, _ run: RunContext) -> Value? {
    switch name {
    case "target": return run.target
    case "selected_resources": return Value(run.selected.map { .string($0) })
    case "invocation_args_dict": return Value(json: run.options.arguments)
    case "dbt_metadata_envs":
      let prefix = "DBT_ENV_CUSTOM_ENV_"
      let given = run.project.options.environment.filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }
      return Value(OrderedDictionary(given.map { (String($0.key.dropFirst(prefix.count)), Value.string($0.value)) }, uniquingKeysWith: { $1 }))
    default: return nil
    }
  }

  // MARK: Flags

  private static func flags(_ run: RunContext) -> Value {
    var members = run.project.options.flags.mapValues { Value(json: $0) }
    members["WHICH"] = .string(run.command)
    members["FULL_REFRESH"] = .bool(run.options.fullRefresh)
    members["STORE_FAILURES"] = .bool(run.options.storeFailures ?? false)
    members["EMPTY"] = .bool(run.options.isEmpty)
    members["FAIL_FAST"] = .bool(run.options.failFast)
    members["WARN_ERROR"] = .bool(run.options.warnError)
    members["THREADS"] = .int(Int64(run.options.threads))
    members["PROJECT_DIR"] = .string(run.project.configuration.root)
    members["TARGET_PATH"] = .string(run.options.targetPath)
    members["INVOCATION_COMMAND"] = .string("dbt " + run.command)
    for (name, value) in [
      "PRINT": true, "USE_COLORS": false, "QUIET": false, "DEBUG": false, "LOG_FORMAT": "default", "PARTIAL_PARSE": true,
      "WRITE_JSON": true, "INTROSPECT": true, "CACHE_SELECTED_ONLY": false, "INDIRECT_SELECTION": "eager", "VERSION_CHECK": true,
      "LOG_CACHE_EVENTS": false, "USE_EXPERIMENTAL_PARSER": false, "STATIC_PARSER": true, "SEND_ANONYMOUS_USAGE_STATS": false,
    ] as OrderedDictionary<String, Value> where members[name] == nil {
      members[name] = value
    }
    return .object(NamespaceObject("Flags", members))
  }

  // MARK: Exceptions

  private static func exceptions(_ report: @escaping @Sendable (RunEvent) -> Void) -> Value {
    func raise(_ code: String, _ category: Diagnostic.Category = .compilation) -> @Sendable (Call) throws -> Value {
      { call in
        throw Diagnostic(
          category, code, try call.argument(0, "msg")?.str() ?? "an error was raised", at: call.location,
          trail: call.macroStack.reversed().map { "macro \($0.name) (\($0.template.name))" })
      }
    }
    var members: OrderedDictionary<String, Value> = [:]
    for name in ["raise_compiler_error", "raise_parsing_error", "raise_fail_fast_error", "raise_invalid_property_yml_version"] {
      members[name] = Value(function: name, raise("transform.raised"))
    }
    members["raise_database_error"] = Value(function: "raise_database_error", raise("transform.raised", .database))
    members["raise_not_implemented"] = Value(function: "raise_not_implemented", raise("transform.not-implemented"))
    members["raise_contract_error"] = Value(function: "raise_contract_error") { call in
      throw Diagnostic(
        .compilation, "transform.contract",
        "This model has an enforced contract that failed.\nPlease ensure the name, data_type, and number of columns in your contract match the columns in your model's definition.",
        at: call.location)
    }
    for name in ["warn", "warn_snapshot_timestamp_data_types", "column_type_missing"] {
      members[name] = Value(function: name) { call in
        report(.warning(Diagnostic(.compilation, "transform.warned", try call.argument(0, "msg")?.str() ?? "", at: call.location, severity: .warning)))
        return ""
      }
    }
    for name in [
      "missing_config", "missing_materialization", "missing_relation", "relation_wrong_type", "raise_dataclass_not_dict", "ref_target_not_found",
      "ref_invalid_args", "dependency_error", "doc_invalid_args", "materialization_not_available",
    ] {
      members[name] = Value(function: name, raise("transform.raised"))
    }
    return .object(NamespaceObject("exceptions", members))
  }
}

/// Names behind a dot that cannot be changed: `api.Relation`, `flags.WHICH`.
final class NamespaceObject: JinjaObject {
  let typeName: String
  private let members: OrderedDictionary<String, Value>

  init(_ typeName: String, _ members: OrderedDictionary<String, Value>) {
    self.typeName = typeName
    self.members = members
  }

  func attribute(_ name: String) -> Value? { members[name] }
  func item(_ key: Value) -> Value? { key.text.flatMap { members[$0] } }
  func contains(_ needle: Value) -> Bool? { needle.text.map { members[$0] != nil } ?? false }
  var isTrue: Bool { true }

  func callMethod(_ name: String, _ call: Call) -> Value? {
    guard members[name] == nil else { return nil }
    switch name {
    case "get": return call.argument(0, "key")?.text.flatMap { members[$0] } ?? call.argument(1, "default") ?? Value.none
    case "keys": return Value(members.keys.map { .string($0) })
    case "items": return Value(members.map { .tuple([.string($0.key), $0.value]) })
    case "values": return Value(Array(members.values))
    default: return nil
    }
  }
}

/// `api.Relation`: makes relations.
final class RelationClass: JinjaObject {
  private let adapter: any Adapter
  private let database: String

  init(adapter: any Adapter, database: String) {
    self.adapter = adapter
    self.database = database
  }

  var typeName: String { "type" }
  var isCallable: Bool { true }
  var representation: String { "<class 'SQLiteRelation'>" }

  func attribute(_ name: String) -> Value? {
    switch name {
    case "View": "view"
    case "Table": "table"
    case "CTE": "cte"
    case "External": "external"
    case "MaterializedView": "materialized_view"
    default: nil
    }
  }

  func call(_ call: Call) throws -> Value { create(call) }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    switch name {
    case "create": return create(call)
    case "create_from", "create_from_source", "create_from_node":
      let node = call.positional.last?.dict
      return make(
        schema: node?["schema"]?.text, identifier: node?["identifier"]?.text ?? node?["alias"]?.text ?? node?["name"]?.text, type: nil)
    case "get_relation_type": return .object(self)
    case "add_ephemeral_prefix": return .string("__dbt__cte__" + (call.argument(0, "name")?.text ?? ""))
    case "scd_args": return Value((call.positional.first?.elements ?? call.positional.first.map { [$0] } ?? []) + call.positional.dropFirst())
    default: return nil
    }
  }

  private func create(_ call: Call) -> Value {
    make(
      schema: call.argument(1, "schema")?.text, identifier: call.argument(2, "identifier")?.text ?? call.keyword("table")?.text,
      type: (call.argument(3, "type") ?? call.keyword("type"))?.text)
  }

  private func make(schema: String?, identifier: String?, type: String?) -> Value {
    let relation = Relation(
      schema: schema ?? adapter.defaultSchema, identifier: identifier ?? "", kind: type.flatMap(Relation.Kind.init))
    return .object(
      RelationObject(
        relation, database: database, adapter: adapter, isCTE: type == "cte", parts: .init(schema: schema != nil, identifier: identifier != nil)))
  }
}
