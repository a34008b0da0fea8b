import DataFormats
import Diagnostics
import OrderedCollections

/// Reads `dbt_project.yml` (docs.getdbt.com/reference/dbt_project.yml).
struct ProjectFile {
  /// The file, not yet rendered.
  let document: YAMLDocument
  private let root: String
  private let members: OrderedDictionary<String, JSON>

  private static let knownKeys: Set<String> = [
    "name", "version", "config-version", "profile", "model-paths", "seed-paths", "test-paths", "analysis-paths", "macro-paths", "snapshot-paths",
    "function-paths", "docs-paths", "asset-paths", "target-path", "log-path", "clean-targets", "packages-install-path", "quoting", "on-run-start",
    "on-run-end", "require-dbt-version", "dispatch", "models", "seeds", "snapshots", "sources", "tests", "data_tests", "unit_tests", "exposures",
    "metrics", "semantic-models", "saved-queries", "functions", "vars", "query-comment", "restrict-access", "dbt-cloud", "flags", "packages",
    "source-paths", "data-paths", "modules-path",
  ]
  private static let treeKeys = ["models", "seeds", "snapshots", "sources", "tests", "data_tests", "unit_tests", "exposures", "analyses"]

  /// Opens the file in the folder `root`.
  ///
  /// - Throws: `Diagnostic` (`project.not-found`, `yaml.malformed`, `project.malformed`).
  init(root: String, displayName: String = "dbt_project.yml") throws {
    self.root = root
    var text = try FileReader.text(FileReader.join(root, "dbt_project.yml"), name: displayName)
    if text == nil { text = try FileReader.text(FileReader.join(root, "dbt_project.yaml"), name: displayName) }
    guard let text else {
      throw Diagnostic(
        .configuration, "project.not-found", "No dbt_project.yml found at expected path \(FileReader.join(root, "dbt_project.yml"))",
        hint: "run scv in the folder of dbt_project.yml, or pass --project-dir")
    }
    document = try YAMLDocument(parsing: text, file: displayName)
    guard let members = document.value.object else {
      throw document.diagnostic(
        .configuration, "project.malformed", "dbt_project.yml is not a mapping", at: [], hint: "write at least name: and profile:")
    }
    self.members = members
  }

  /// Which profile the file wants, before anything is rendered with one.
  func profileName(_ context: ConfigurationContext) throws -> String? {
    guard let value = members["profile"], value != .null else { return nil }
    return try context.render(value, document: document, path: ["profile"]).plainText
  }

  /// The configuration, rendered with `context`, and what is odd about it.
  func configuration(_ context: ConfigurationContext) throws -> (ProjectConfiguration, [Diagnostic]) {
    let rendered = try context.render(document.value, document: document, shouldRender: ProjectFile.isRendered)
    let values = rendered.object ?? [:]
    guard let name = values["name"]?.string, let first = name.unicodeScalars.first,
      first == "_" || first.properties.isAlphabetic,
      name.unicodeScalars.allSatisfy({ $0 == "_" || $0.properties.isAlphabetic || $0.properties.numericType != nil })
    else {
      let written = values["name"]?.plainText
      throw document.diagnostic(
        .configuration, "project.malformed",
        written.map { "'\($0)' is not a project name" } ?? "dbt_project.yml has no name", at: ["name"], onKey: true,
        hint: "a name consists of letters, digits and underscores, and does not begin with a digit")
    }
    var configuration = ProjectConfiguration(name: name, root: root)
    configuration.file = document.file ?? "dbt_project.yml"
    configuration.document = document
    configuration.version = values["version"].flatMap { $0 == .null ? nil : $0.plainText }
    configuration.profileName = values["profile"]?.string
    try readPaths(values, into: &configuration)
    configuration.vars = values["vars"]?.object ?? [:]
    for key in ProjectFile.treeKeys {
      let tree = key == "data_tests" ? "tests" : key
      configuration.trees[tree] = merged(configuration.trees[tree], values[key])
      configuration.unrenderedTrees[tree] = merged(configuration.unrenderedTrees[tree], members[key])
    }
    configuration.onRunStart = try texts(values, "on-run-start")
    configuration.onRunEnd = try texts(values, "on-run-end")
    for (index, rule) in (values["dispatch"]?.array ?? []).enumerated() {
      guard let namespace = rule["macro_namespace"]?.string, let order = rule["search_order"]?.array else {
        throw document.diagnostic(
          .configuration, "project.malformed", "a dispatch rule needs macro_namespace and search_order", at: ["dispatch", .index(index)],
          hint: "write - macro_namespace: dbt_utils, and search_order: [my_project, dbt_utils]")
      }
      configuration.dispatch[namespace] = order.compactMap(\.string)
    }
    configuration.flags = values["flags"]?.object ?? [:]
    configuration.quoting = values["quoting"]?.object ?? [:]
    configuration.queryComment = values["query-comment"]
    configuration.requireDbtVersion = try texts(values, "require-dbt-version")
    configuration.restrictAccess = values["restrict-access"]?.bool ?? false
    configuration.dbtCloud = values["dbt-cloud"]
    return (configuration, document.warnings + oddities(configuration))
  }

  private func readPaths(_ values: OrderedDictionary<String, JSON>, into configuration: inout ProjectConfiguration) throws {
    func paths(_ keys: String..., otherwise: [String]) throws -> [String] {
      for key in keys where (values[key] ?? .null) != .null { return try texts(values, key) }
      return otherwise
    }
    configuration.modelPaths = try paths("model-paths", "source-paths", otherwise: ["models"])
    configuration.seedPaths = try paths("seed-paths", "data-paths", otherwise: ["seeds"])
    configuration.testPaths = try paths("test-paths", otherwise: ["tests"])
    configuration.analysisPaths = try paths("analysis-paths", otherwise: ["analyses"])
    configuration.macroPaths = try paths("macro-paths", otherwise: ["macros"])
    configuration.snapshotPaths = try paths("snapshot-paths", otherwise: ["snapshots"])
    configuration.docsPaths = try paths("docs-paths", otherwise: [])
    configuration.assetPaths = try paths("asset-paths", otherwise: [])
    configuration.targetPath = values["target-path"]?.string ?? "target"
    configuration.logPath = values["log-path"]?.string ?? "logs"
    configuration.cleanTargets = try paths("clean-targets", otherwise: [configuration.targetPath])
    configuration.packagesInstallPath = values["packages-install-path"]?.string ?? values["modules-path"]?.string ?? "dbt_packages"
  }

  /// A text or a list of texts.
  private func texts(_ values: OrderedDictionary<String, JSON>, _ key: String) throws -> [String] {
    switch values[key] {
    case nil, .null: return []
    case .string(let text): return [text]
    case .array(let elements):
      return try elements.enumerated().compactMap { index, element in
        if element == .null { return nil }
        guard let text = element.string else {
          throw document.diagnostic(
            .configuration, "project.malformed", "'\(key)' is a list of texts", at: [.key(key), .index(index)], hint: "quote the value")
        }
        return text
      }
    default:
      throw document.diagnostic(
        .configuration, "project.malformed", "'\(key)' is a list of texts", at: [.key(key)], hint: "write \(key): [\"…\"]")
    }
  }

  private func merged(_ first: JSON?, _ second: JSON?) -> JSON? {
    guard case .object(var members)? = first, case .object(let others)? = second else { return second.flatMap { $0 == .null ? nil : $0 } ?? first }
    for (key, value) in others { members[key] = merged(members[key], value) ?? value }
    return .object(members)
  }

  private func oddities(_ configuration: ProjectConfiguration) -> [Diagnostic] {
    var warnings: [Diagnostic] = []
    for key in members.keys where !ProjectFile.knownKeys.contains(key) {
      warnings.append(
        document.diagnostic(
          .configuration, "project.unknown-key", "dbt_project.yml knows no key '\(key)'", at: [.key(key)], onKey: true,
          hint: Suggestion.didYouMean(key, among: ProjectFile.knownKeys), severity: .warning))
    }
    if let range = configuration.requireDbtVersion.first(where: { !VersionRange($0).contains(PureFunctions.dbtVersion) }) {
      warnings.append(
        document.diagnostic(
          .configuration, "project.version", "package '\(configuration.name)' asks for dbt '\(range)'; scv speaks the language of \(PureFunctions.dbtVersion)",
          at: ["require-dbt-version"], onKey: true, severity: .warning))
    }
    return warnings
  }

  /// Hooks, comments and variables are rendered when they are used, not here.
  static func isRendered(_ path: [YAMLDocument.Step]) -> Bool {
    guard case .key(let first)? = path.first else { return true }
    switch first {
    case "on-run-start", "on-run-end", "query-comment", "vars": return false
    case "models", "seeds", "snapshots", "tests", "data_tests":
      return !path.contains { step in
        guard case .key(let key) = step else { return false }
        let plain = key.hasPrefix("+") ? String(key.drop { $0 == "+" || $0 == " " }) : key
        return ["pre-hook", "post-hook", "pre_hook", "post_hook"].contains(plain)
      }
    default: return true
    }
  }
}

/// A condition on a version: `>=1.3.0`, or several with commas.
struct VersionRange {
  private let conditions: [(comparison: String, version: [Int])]

  init(_ text: String) {
    conditions = text.split(separator: ",").map { part in
      let trimmed = part.drop { $0 == " " }
      let comparison = trimmed.prefix { "<>=!".contains($0) }
      return (String(comparison), VersionRange.numbers(String(trimmed.dropFirst(comparison.count))))
    }
  }

  /// Whether `version` fulfils all conditions.
  func contains(_ version: String) -> Bool {
    let numbers = VersionRange.numbers(version)
    return conditions.allSatisfy { comparison, bound in
      let length = max(bound.count, numbers.count, 3)
      func padded(_ list: [Int]) -> [Int] { list + Array(repeating: 0, count: length - list.count) }
      let (left, right) = (padded(numbers), padded(bound))
      switch comparison {
      case ">=": return !left.lexicographicallyPrecedes(right)
      case ">": return right.lexicographicallyPrecedes(left)
      case "<=": return !right.lexicographicallyPrecedes(left)
      case "<": return left.lexicographicallyPrecedes(right)
      case "!=": return left != right
      default: return left == right
      }
    }
  }

  private static func numbers(_ text: String) -> [Int] {
    text.prefix { $0.isNumber || $0 == "." || $0 == " " }.split(separator: ".").map { Int($0.filter(\.isNumber)) ?? 0 }
  }
}
