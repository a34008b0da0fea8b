import DataFormats
import Diagnostics
import Jinja
import OrderedCollections
import Project

/// `config` while a node runs: `config.get('unique_key')`, `config.require(…)`; calling it prints nothing, since the loader has
/// read what it says (docs.getdbt.com/reference/dbt-jinja-functions/config).
final class ConfigObject: JinjaObject {
  private let node: NodeContext

  init(_ node: NodeContext) { self.node = node }

  var typeName: String { "RuntimeConfigObject" }
  var isCallable: Bool { true }
  func call(_ call: Call) -> Value { "" }

  func attribute(_ name: String) -> Value? { name == "model" ? try? node.context.value(of: "model") : value(of: name) }
  func item(_ key: Value) -> Value? { key.text.flatMap(value) }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    switch name {
    case "get":
      let key = try call.argument(0, "name")?.str() ?? ""
      return value(of: key) ?? call.argument(1, "default") ?? Value.none
    case "require":
      let key = try call.argument(0, "name")?.str() ?? ""
      guard let value = value(of: key) else {
        throw Fault(
          .runtime, "Model '\(node.node.uniqueID)' does not define a required config parameter '\(key)'",
          hint: "add it: {{ config(\(key)=…) }}")
      }
      return value
    case "set":
      node.configOverrides[try call.argument(0, "name")?.str() ?? ""] = call.argument(1, "value") ?? Value.none
      return ""
    case "meta_get":
      return node.node.meta[try call.argument(0, "name")?.str() ?? ""].map { Value(json: $0) } ?? call.argument(1, "default") ?? Value.none
    case "meta_require":
      let key = try call.argument(0, "name")?.str() ?? ""
      guard let value = node.node.meta[key] else {
        throw Fault(
          .runtime, "Model '\(node.node.uniqueID)' does not define a required meta config parameter '\(key)'",
          hint: "add it: {{ config(meta={'\(key)': …}) }}")
      }
      return Value(json: value)
    case "persist_relation_docs", "persist_column_docs": return false
    default: return nil
    }
  }

  private func value(of key: String) -> Value? {
    if let value = node.configOverrides[key] { return value }
    switch key {
    case "pre_hook", "pre-hook": return Value(node.node.config.preHooks.map { Value(json: $0.json) })
    case "post_hook", "post-hook": return Value(node.node.config.postHooks.map { Value(json: $0.json) })
    default: return node.node.config.values[key].map { Value(json: $0) }
    }
  }
}

/// `var('name', default)`: variables of the command line, the package, the root project.
final class VarObject: JinjaObject, @unchecked Sendable {
  private let node: NodeContext
  private var open: Set<String> = []

  init(_ node: NodeContext) { self.node = node }

  var typeName: String { "Var" }
  var isCallable: Bool { true }

  func call(_ call: Call) throws -> Value {
    let name = try call.argument(0, "var_name")?.str() ?? ""
    if let value = lookup(name) {
      guard open.insert(name).inserted else { throw Fault(.recursion, "the variable '\(name)' stands for itself") }
      defer { open.remove(name) }
      return try ProjectTemplates.variable(name, value, in: node.context)
    }
    if let fallback = call.argument(1, "default") { return fallback }
    throw Fault(
      .runtime,
      "Required var '\(name)' not found in config:\nVars supplied to \(node.node.name) = \(SecretValues(vars: known).scrub(.object(known)).text(pretty: true))",
      hint: Suggestion.didYouMean(name, among: known.keys) ?? "give it a value under vars: in dbt_project.yml, or with --vars '{\(name): …}'")
  }

  func callMethod(_ name: String, _ call: Call) throws -> Value? {
    guard name == "has_var" else { return nil }
    return .bool(lookup(try call.argument(0, "var_name")?.str() ?? "") != nil)
  }

  private func lookup(_ name: String) -> JSON? {
    if let value = node.overrides.variables[name] { return value }
    let project = node.run.project
    if let value = project.options.vars[name] { return value }
    let root = project.configuration.vars
    if let value = root[node.package]?.object?[name] { return value }
    if let value = root[name] { return value }
    let own = project.packages[node.package]?.vars ?? [:]
    return own[node.package]?.object?[name] ?? own[name]
  }

  private var known: OrderedDictionary<String, JSON> {
    node.run.project.configuration.vars.merging(node.run.project.options.vars) { $1 }
  }
}
