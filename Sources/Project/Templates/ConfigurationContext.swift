import DataFormats
import Diagnostics
import Jinja
import OrderedCollections

/// The names that configuration files see: `env_var`, `var`, and once a profile is chosen `target`
/// (docs.getdbt.com/reference/dbt-jinja-functions, "dbt_project.yml context").
package struct ConfigurationContext: Sendable {
  let environment: [String: String]
  var vars: OrderedDictionary<String, JSON>
  /// The members of `target`; none where a command needs no profile: all are empty texts then. Nil while the profile itself is read.
  var target: OrderedDictionary<String, JSON>?
  /// The file, for messages.
  var name: String
  /// Further names, such as `modules`.
  var globals: [String: Value] = [:]

  /// A context for one rendering.
  func renderContext() -> RenderContext {
    var variables = ConfigurationContext.pureFunctions.merging(globals) { $1 }
    variables["env_var"] = ConfigurationContext.environmentFunction(environment)
    variables["var"] = Value(function: "var") { [self] call in
      let arguments = try call.bind("name", "default", optional: 1, function: "var")
      let key = try arguments[0]?.str() ?? ""
      if let value = vars[key] {
        // Its text sees every variable but itself: one that stands for itself is not there.
        var others = self
        others.vars[key] = nil
        return try ProjectTemplates.variable(key, value, in: ProjectTemplates.isTemplate(value.string ?? "") ? others.renderContext() : RenderContext())
      }
      if let fallback = arguments[1] { return fallback }
      throw Diagnostic(
        .compilation, "project.unknown-var", "Required var '\(key)' not found in config: vars supplied to \(name)", at: call.location,
        hint: "pass it: --vars '{\(key): …}', or give a default: var('\(key)', …)")
    }
    if let target {
      variables["target"] = target.isEmpty ? .object(UnsetTarget()) : Value(json: target)
    }
    return RenderContext(variables)
  }

  /// Renders every text of `value` whose path `shouldRender` allows.
  ///
  /// - Throws: `Diagnostic` of the template, placed at the value in `document`.
  func render(
    _ value: JSON, document: YAMLDocument?, path: [YAMLDocument.Step] = [], shouldRender: ([YAMLDocument.Step]) -> Bool = { _ in true }
  ) throws -> JSON {
    let context = renderContext()
    return try ConfigurationContext.map(value, path, shouldRender) { text, path in
      guard ProjectTemplates.isTemplate(text) else { return .string(text) }
      do {
        return try ProjectTemplates.render(text, in: context, name: name)
      } catch let error as Diagnostic {
        throw ConfigurationContext.placed(error, at: path, in: document)
      }
    }
  }

  /// Applies `transform` to every text of `value` whose path `shouldRender` allows.
  package static func map(
    _ value: JSON, _ path: [YAMLDocument.Step], _ shouldRender: ([YAMLDocument.Step]) -> Bool,
    _ transform: (String, [YAMLDocument.Step]) throws -> JSON
  ) throws -> JSON {
    switch value {
    case .string(let text):
      return shouldRender(path) ? try transform(text, path) : value
    case .array(let elements):
      guard shouldRender(path) else { return value }
      var result: [JSON] = []
      result.reserveCapacity(elements.count)
      for (index, element) in elements.enumerated() { result.append(try map(element, path + [.index(index)], shouldRender, transform)) }
      return .array(result)
    case .object(let members):
      guard shouldRender(path) else { return value }
      var result = members
      for index in members.keys.indices {
        result.values[index] = try map(members.values[index], path + [.key(members.keys[index])], shouldRender, transform)
      }
      return .object(result)
    default:
      return value
    }
  }

  /// A template's error, told at the place of the text in its YAML file.
  package static func placed(_ error: Diagnostic, at path: [YAMLDocument.Step], in document: YAMLDocument?) -> Diagnostic {
    guard let document else { return error }
    var placed = document.diagnostic(error.category, error.code, error.message, at: path, hint: error.hint)
    placed.cause = error.cause
    placed.trail = error.trail
    return placed
  }

  /// `env_var(name, default)`.
  package static func environmentFunction(_ environment: [String: String]) -> Value {
    Value(function: "env_var") { call in
      let arguments = try call.bind("var", "default", optional: 1, function: "env_var")
      let key = try arguments[0]?.str() ?? ""
      if let value = environment[key] { return .string(value) }
      if let fallback = arguments[1], !fallback.isNone { return .string(try fallback.str()) }
      throw Diagnostic(
        .parsing, "project.missing-env-var", "Env var required but not provided: '\(key)'", at: call.location,
        hint: "export \(key)=…, or give a default: env_var('\(key)', '…')")
    }
  }

  /// Functions of every context that depend on nothing but their arguments.
  package static let pureFunctions: [String: Value] = PureFunctions.all
}

/// `target` where no profile is read: whatever is asked of it is an empty text, as with dbt.
private final class UnsetTarget: JinjaObject {
  var typeName: String { "dict" }
  var isTrue: Bool { false }
  var isMapping: Bool { true }
  func attribute(_ name: String) throws -> Value? { .string("") }
  func item(_ key: Value) throws -> Value? { .string("") }
}
