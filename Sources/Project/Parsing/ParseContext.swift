import DataFormats
import Diagnostics
import Jinja
import OrderedCollections

/// What all templates of a project share while they are read.
struct ParseEnvironment: Sendable {
  let macros: MacroTemplates
  let environment: [String: String]
  let target: OrderedDictionary<String, JSON>
  let projectName: String
  let flags: OrderedDictionary<String, JSON>
  /// `flags` in one text.
  let flagsText: String
  let globals: [String: Value]
  /// The variables of every package: the command line's before the root project's before its own.
  let vars: [String: OrderedDictionary<String, JSON>]
  let command: String
  /// The configuration of the project and its packages, which `builtins.ref.config` gives out.
  let facts: JSON
}

/// The names that one template sees while it is read (`execute` is false): refs, sources and configurations are written
/// down, the warehouse is silent. Belongs to one thread.
final class ParseContext: @unchecked Sendable {
  let capture = Capture()
  private let shared: ParseEnvironment
  private let package: String
  private let model: OrderedDictionary<String, JSON>
  /// Whether a variable that is not there is an error already, as what is made of it is kept.
  private let requiresVariables: Bool
  private(set) var context = RenderContext()

  init(_ shared: ParseEnvironment, package: String, model: OrderedDictionary<String, JSON>, requiresVariables: Bool = false) {
    self.requiresVariables = requiresVariables
    self.shared = shared
    self.package = package
    self.model = model
    context = RenderContext([:], lookup: { [unowned self] name, context in try self.variable(name, context) })
  }

  private func variable(_ name: String, _ context: RenderContext) throws -> Value? {
    let id = shared.macros.resolver.macro(named: name, from: package)
    // A project's own macro of the name comes before what dbt gives.
    if let id, !shared.macros.resolver.isBuiltin(id) { return try shared.macros.value(id, in: self.context) }
    if let value = try member(name) {
      self.context.variables[name] = value
      return value
    }
    if let value = shared.globals[name] ?? PureFunctions.all[name] { return value }
    return try shared.macros.value(named: name, from: package, in: self.context)
  }

  /// What every template sees: for suggestions.
  static let names: Set<String> = [
    "ref", "source", "config", "var", "env_var", "target", "this", "model", "execute", "adapter", "builtins", "flags", "graph", "project_name", "schema",
    "database", "is_incremental", "run_query", "load_result", "statement", "log", "print", "return", "tojson", "fromjson", "exceptions", "modules",
    "run_started_at", "invocation_id", "dbt_version", "doc", "api",
  ]

  private func member(_ name: String) throws -> Value? {
    switch name {
    case "ref": return reference
    case "source": return source
    case "config": return .object(ParsedConfig(capture))
    case "var": return .object(Variables(shared.vars[package] ?? [:], package: package, in: context, isStrict: requiresVariables))
    case "env_var": return environmentVariable
    case "target", "env": return Value(json: shared.target)
    case "this": return thisRelation
    case "model", "node": return Value(json: model)
    case "execute": return false
    case "adapter": return .object(ParseAdapter(shared.macros, package: package, context: context))
    case "builtins":
      return Value(
        [
          "ref": reference, "source": source, "config": .object(ParsedConfig(capture)),
          "var": .object(Variables(shared.vars[package] ?? [:], package: package, in: context, isStrict: requiresVariables)),
        ] as OrderedDictionary<String, Value>)
    case "flags":
      capture.looksAtFlags = true
      return Value(json: shared.flags)
    case "graph":
      return Value(
        OrderedDictionary<String, Value>(
          uniqueKeysWithValues: ["nodes", "sources", "exposures", "metrics", "groups", "semantic_models", "saved_queries"].map {
            ($0, Value(OrderedDictionary<String, Value>()))
          }))
    case "project_name": return .string(shared.projectName)
    case "package_name": return .string(package)
    case "schema": return model["schema"].map { Value(json: $0) } ?? Value.none
    case "database": return model["database"].map { Value(json: $0) } ?? Value.none
    case "sql", "compiled_code", "sql_now", "thread_id", "invocation_id": return .string("")
    case "selected_resources", "pre_hooks", "post_hooks", "results", "schemas", "database_schemas": return []
    case "invocation_args_dict", "dbt_metadata_envs": return Value(OrderedDictionary<String, Value>())
    case "is_incremental", "should_full_refresh", "should_store_failures":
      return Value(function: name) { _ in false }
    case "run_query", "load_result", "load_relation", "get_columns_in_query":
      return Value(function: name) { _ in .none }
    case "statement", "noop_statement":
      return Value(function: name) { _ in .string("") }
    case "store_result", "store_raw_result", "write", "submit_python_job", "debug":
      return Value(function: name) { _ in .string("") }
    case "render":
      return Value(function: name) { call in .string(try call.argument(0, "string")?.str() ?? "") }
    case "doc":
      return Value(function: name) { _ in .string("") }
    case "context": return .object(ContextNames(self))
    case "modules", "api", "run_started_at", "column", "dbt_loaded_at": return shared.globals[name] ?? LenientStub.value
    case "metric":
      return Value(function: name) { [capture] call in
        guard (1...2).contains(call.positional.count), call.positional.allSatisfy({ $0.text != nil }) else {
          throw Fault(.type, "metric() takes one or two texts (\(call.positional.count) given)", hint: "write metric('name')")
        }
        capture.add(metric: call.positional.compactMap(\.text))
        return LenientStub.value
      }
    default: return nil
    }
  }

  /// `context['name']`
  fileprivate func named(_ name: String) throws -> Value? { try context.value(of: name) }

  private var thisRelation: Value {
    .object(ParsedRelation(model["database"]?.string, model["schema"]?.string, model["alias"]?.string ?? model["name"]?.string ?? ""))
  }

  private var reference: Value {
    let this = thisRelation
    return .object(
      ReferenceFunction("ref", configuration: shared.facts) { [capture] call in
        capture.add(try Capture.reference(call.positional, call.keywords.map { ($0.name, $0.value) }), at: call.location, trail: call.trail)
        return this
      })
  }

  private var environmentVariable: Value {
    let read = ConfigurationContext.environmentFunction(shared.environment)
    return Value(function: "env_var") { [capture, shared] call in
      if let name = try call.argument(0, "var")?.str() { capture.addVariable(name, shared.environment[name]) }
      return try call.forward(to: read)
    }
  }

  private var source: Value {
    let this = thisRelation
    return Value(function: "source") { [capture] call in
      capture.add(try Capture.source(call.positional, call.keywords.map { ($0.name, $0.value) }), at: call.location, trail: call.trail)
      return this
    }
  }
}

/// `context`: all names as items.
private final class ContextNames: JinjaObject {
  private unowned let owner: ParseContext
  init(_ owner: ParseContext) { self.owner = owner }
  var typeName: String { "dict" }
  var isTrue: Bool { true }
  func item(_ key: Value) throws -> Value? { try key.text.flatMap { try owner.named($0) } }
  func attribute(_ name: String) throws -> Value? { try owner.named(name) }
  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    guard name == "get", let key = call.argument(0, "key")?.text else { return nil }
    return try owner.named(key) ?? call.argument(1, "default") ?? Value.none
  }
}

/// `config` while a template is read: calls are written down, questions answered with nothing, as dbt does.
private final class ParsedConfig: JinjaObject {
  private let capture: Capture
  init(_ capture: Capture) { self.capture = capture }
  var typeName: String { "config" }
  var isTrue: Bool { true }
  var isCallable: Bool { true }

  func call(_ call: Call) throws -> Value {
    capture.addConfig(try Capture.config(call.positional, call.keywords.map { ($0.name, $0.value) }), at: call.location)
    return .string("")
  }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    switch name {
    case "get", "require", "set", "meta_get", "meta_require": .string("")
    case "persist_relation_docs", "persist_column_docs": false
    default: nil
    }
  }
}

/// `var`: the variables of a package.
/// One render at a time has it: what it is in the middle of is its own.
final class Variables: JinjaObject, @unchecked Sendable {
  private let values: OrderedDictionary<String, JSON>
  private let package: String
  private let isStrict: Bool
  private unowned let context: RenderContext
  private var open: Set<String> = []

  init(_ values: OrderedDictionary<String, JSON>, package: String, in context: RenderContext, isStrict: Bool = false) {
    self.values = values
    self.package = package
    self.context = context
    self.isStrict = isStrict
  }

  var typeName: String { "var" }
  var isTrue: Bool { true }
  var isCallable: Bool { true }

  func call(_ call: Call) throws -> Value {
    let arguments = try call.bind("name", "default", optional: 1, function: "var")
    let name = try arguments[0]?.str() ?? ""
    if let value = values[name] {
      guard open.insert(name).inserted else { throw Fault(.recursion, "the variable '\(name)' stands for itself") }
      defer { open.remove(name) }
      return try ProjectTemplates.variable(name, value, in: context)
    }
    if let fallback = arguments[1] { return fallback }
    if isStrict {
      throw Fault(
        .runtime,
        "Required var '\(name)' not found in config:\nVars supplied to \(package) = \(SecretValues(vars: values).scrub(.object(values)).text(pretty: true))",
        hint: Suggestion.didYouMean(name, among: values.keys) ?? "set it under vars: in dbt_project.yml or with --vars, or give var() a default")
    }
    // As with dbt, only who renders it needs it: the model may be disabled, or not be selected.
    return .none
  }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    guard name == "has_var" else { return nil }
    return .bool(try call.argument(0, "name").map { values[try $0.str()] != nil } ?? false)
  }
}

/// A relation as templates see it while they are read.
private final class ParsedRelation: JinjaObject {
  let database: String?
  let schema: String?
  let identifier: String

  init(_ database: String?, _ schema: String?, _ identifier: String) {
    self.database = database
    self.schema = schema
    self.identifier = identifier
  }

  var typeName: String { "Relation" }
  var isTrue: Bool { true }
  var isMapping: Bool { true }
  var representation: String { [schema, identifier].compactMap { $0 }.map { "\"\($0)\"" }.joined(separator: ".") }

  func attribute(_ name: String) throws -> Value? {
    switch name {
    case "database": database.map(Value.string) ?? Value.none
    case "schema": schema.map(Value.string) ?? Value.none
    case "identifier", "name", "table": .string(identifier)
    case "type": Value.none
    case "metadata": ["type": "SQLiteRelation"]
    case "is_view", "is_table", "is_cte": false
    default: LenientStub.value
    }
  }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    switch name {
    case "render": .string(representation)
    case "get": try call.argument(0, "key")?.text.flatMap { try attribute($0) } ?? call.argument(1, "default") ?? Value.none
    default: .object(self)
    }
  }
}

/// `adapter` while a template is read: dispatch works, the warehouse is empty.
private final class ParseAdapter: JinjaObject {
  private let macros: MacroTemplates
  private let package: String
  private let context: RenderContext

  init(_ macros: MacroTemplates, package: String, context: RenderContext) {
    self.macros = macros
    self.package = package
    self.context = context
  }

  var typeName: String { "adapter" }
  var isTrue: Bool { true }

  func attribute(_ name: String) throws -> Value? { LenientStub.value }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    switch name {
    case "dispatch":
      let macro = try call.argument(0, "macro_name")?.str() ?? ""
      let namespace = call.argument(1, "macro_namespace")?.text
      if let id = macros.resolver.dispatch(macro, namespace: namespace, from: package), let value = try macros.value(id, in: context) { return value }
      throw Fault(
        .runtime, "In dispatch: No macro named '\(macro)' found within namespace: '\(namespace ?? "None")'",
        hint: "searched for: " + macros.resolver.dispatchNames(macro, namespace: namespace).joined(separator: ", "))
    case "quote", "quote_as_configured", "quote_seed_column":
      return .string("\"\(try call.argument(0, "identifier")?.str() ?? "")\"")
    case "type": return "sqlite"
    case "get_relation", "load_relation", "expand_target_column_types", "create_schema", "drop_schema", "drop_relation", "rename_relation": return Value.none
    case "get_columns_in_relation", "get_missing_columns", "list_relations", "list_relations_without_caching", "list_schemas": return []
    case "check_schema_exists": return false
    default: return LenientStub.value
    }
  }
}
