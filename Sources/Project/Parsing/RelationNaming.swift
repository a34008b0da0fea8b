import DataFormats
import Diagnostics
import Jinja
import OrderedCollections

/// Where relations go: `generate_database_name`, `generate_schema_name`, `generate_alias_name`, the project's own if it has
/// them (docs.getdbt.com/docs/build/custom-schemas).
struct RelationNaming: Sendable {
  let parse: ParseEnvironment
  let profile: Profile
  private let overrides: [String: String]

  init(parse: ParseEnvironment, profile: Profile) {
    self.parse = parse
    self.profile = profile
    let resolver = parse.macros.resolver
    var overrides: [String: String] = [:]
    for name in ["generate_database_name", "generate_schema_name", "generate_alias_name"] {
      let candidates = [resolver.macro(named: name, from: parse.projectName), resolver.dispatch(name, namespace: "dbt", from: parse.projectName)]
      overrides[name] = candidates.compactMap { $0 }.first { !resolver.isBuiltin($0) }
    }
    self.overrides = overrides
  }

  /// Fills database, schema and alias of `node` from its configuration.
  ///
  /// - Throws: the `Diagnostic` of a macro of the project.
  func name(_ node: inout Node) throws {
    let config = node.config
    func call(_ name: String, _ custom: String?) throws -> String? {
      let id = overrides[name] ?? (node.packageName == parse.projectName ? nil : "macro.\(node.packageName).\(name)")
      guard let id, let compiled = try parse.macros.compiled(id) else { return nil }
      let context = ParseContext(parse, package: node.packageName, model: [:], requiresVariables: true)
      return try withExtendedLifetime(context) {
        let macro = try compiled.template.bind(compiled.definition, to: context.context)
        let result = try macro([custom.map(Value.string) ?? .none, Value(json: node.json)])
        return result.isNone ? nil : try result.str().trimmingBlanks
      }
    }
    node.database = try call("generate_database_name", config.database) ?? config.database ?? profile.database
    if let schema = try call("generate_schema_name", config.schema) {
      node.schema = schema
    } else {
      node.schema = config.schema.map { "\(profile.schema)_\($0.trimmingBlanks)" } ?? profile.schema
    }
    if let alias = try call("generate_alias_name", config.alias) {
      node.alias = alias
    } else if let alias = config.alias, !alias.isEmpty {
      node.alias = alias.trimmingBlanks
    } else {
      node.alias = node.version.map { "\(node.name)_v\($0.plainText.replacing(".", with: "_"))" } ?? node.name
    }
    if node.resourceType == .snapshot {
      if let database = config.text("target_database") { node.database = database }
      if let schema = config.text("target_schema") { node.schema = schema }
    }
  }
}
