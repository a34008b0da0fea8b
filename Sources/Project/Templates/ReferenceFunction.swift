import DataFormats
import Jinja
import OrderedCollections

/// `ref` and `source` as templates call them. Packages that look under dbt's bonnet find the configuration of the whole
/// project in `builtins.ref.config`.
package final class ReferenceFunction: JinjaObject {
  private let name: String
  private let configuration: JSON
  private let body: @Sendable (Call) throws -> Value

  /// A function.
  ///
  /// - Parameters:
  ///   - configuration: what `facts` says.
  ///   - body: what a call does.
  package init(_ name: String, configuration: JSON, _ body: @escaping @Sendable (Call) throws -> Value) {
    self.name = name
    self.configuration = configuration
    self.body = body
  }

  package var typeName: String { "function" }
  package var representation: String { "<function \(name)>" }
  package var isCallable: Bool { true }
  package func call(_ call: Call) throws -> Value { try body(call) }
  package func attribute(_ name: String) throws -> Value? { name == "config" ? ReferenceFunction.value(configuration) : nil }

  /// The facts as templates see them: variables are no mapping there, but give one.
  private static func value(_ facts: JSON) -> Value {
    guard case .object(let members) = facts else { return Value(json: facts) }
    var result: OrderedDictionary<String, Value> = [:]
    for (key, member) in members {
      switch key {
      case "vars": result[key] = .object(ProjectVariables(member))
      case "dependencies": result[key] = Value((member.object ?? [:]).mapValues(value))
      default: result[key] = Value(json: member)
      }
    }
    return Value(result)
  }

  /// The configuration of a project as such packages read it.
  package static func facts(
    _ packages: OrderedDictionary<String, ProjectConfiguration>, root: String, profile: Profile, cliVars: OrderedDictionary<String, JSON>
  ) -> JSON {
    func facts(_ package: ProjectConfiguration) -> OrderedDictionary<String, JSON> {
      [
        "project_name": .string(package.name), "version": package.version.map { .string($0) } ?? .null, "project_root": .string(package.root),
        "vars": .object(package.vars),
      ]
    }
    var result = packages[root].map(facts) ?? [:]
    result["dependencies"] = .object(packages.mapValues { .object(facts($0)) })
    result["cli_vars"] = .object(cliVars)
    result["args"] = [:]
    result["profile_name"] = .string(profile.profileName)
    result["target_name"] = .string(profile.targetName)
    return .object(result)
  }
}

/// The variables of a project in `builtins.ref.config`.
private final class ProjectVariables: JinjaObject {
  private let values: JSON
  init(_ values: JSON) { self.values = values }
  var typeName: String { "VarProvider" }
  var isTrue: Bool { true }
  func attribute(_ name: String) throws -> Value? { name == "vars" ? Value(json: values) : nil }
  func callMethod(_ name: String, _ call: Call) throws -> Value? { name == "to_dict" ? Value(json: values) : nil }
}
