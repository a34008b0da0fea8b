import DataFormats
import OrderedCollections

/// What dbt calls flags: the command line's word comes before the environment's (`DBT_FULL_REFRESH=1`), and that before the
/// project's (`flags:` of dbt_project.yml); docs.getdbt.com/reference/global-configs/about-global-configs.
struct Settings: Sendable {
  /// The environment of the process.
  let environment: [String: String]
  /// `flags:` of the project, once it is known.
  var project: OrderedDictionary<String, JSON> = [:]

  /// A flag by its name in lower case; nil if nobody sets it.
  func flag(_ name: String, _ given: Bool? = nil) -> Bool? {
    if let given { return given }
    if let text = environment["DBT_" + name.uppercased()], !text.isEmpty {
      return ["1", "true", "t", "yes", "y", "on"].contains(text.lowercased())
    }
    return project[name]?.bool
  }

  /// A setting by its name in lower case; nil if nobody sets it.
  func text(_ name: String, _ given: String? = nil) -> String? {
    if let given { return given }
    if let text = environment["DBT_" + name.uppercased()], !text.isEmpty { return text }
    return project[name].flatMap { $0 == .null ? nil : $0.plainText }
  }

  /// A list by its name in lower case: what is given, or the words of the environment's variable.
  func list(_ name: String, _ given: [String]) -> [String] {
    if !given.isEmpty { return given.flatMap { $0.split(separator: " ").map(String.init) } }
    return environment["DBT_" + name.uppercased()]?.split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init) ?? []
  }
}
