import DataFormats
import Diagnostics
import FoundationEssentials
import OrderedCollections

/// A model whose enforced contract was broken since an earlier manifest: others may rely on what is gone
/// (docs.getdbt.com/reference/resource-configs/contract, "Detecting breaking changes").
struct BrokenContract {
  private let name: String
  private let file: String
  private let isVersioned: Bool
  private let changes: [String]

  /// All of a project: changed ones first, then those of models that are gone.
  static func all(_ manifest: Manifest, _ before: OrderedDictionary<String, JSON>) -> [BrokenContract] {
    var found: [BrokenContract] = []
    for (id, old) in before where old["resource_type"] == "model" {
      if let node = manifest.nodes[id] {
        let changes = changes(node, old)
        if !changes.isEmpty { found.append(BrokenContract(name: node.name, file: node.originalFilePath, isVersioned: node.version != nil, changes: changes)) }
        continue
      }
      // What is disabled goes by what it says now.
      let disabled: JSON? = if case .node(let node) = manifest.disabled[id]?.first { node.json } else { nil }
      let gone = disabled ?? old
      guard (gone["config"]?["contract"]?["enforced"] ?? gone["contract"]?["enforced"])?.bool == true, !isPastDeprecation(gone) else { continue }
      found.append(
        BrokenContract(
          name: gone["name"]?.string ?? id, file: gone["original_file_path"]?.string ?? "", isVersioned: (gone["version"] ?? .null) != .null,
          changes: ["Contracted model '\(id)' was \(disabled == nil ? "deleted or renamed" : "disabled")."]))
    }
    return found
  }

  /// An error for a versioned model, a warning for another.
  var diagnostic: Diagnostic {
    let reasons = "\n  - " + changes.joined(separator: "\n  - ")
    guard isVersioned else {
      return Diagnostic(
        .configuration, "selection.unversioned-contract",
        "Breaking change to contracted, unversioned model \(name) (\(file))\nWhile comparing to previous project state, dbt detected a breaking change "
          + "to an unversioned model." + reasons,
        hint: "make a change that only adds, or give the model versions", severity: .warning)
    }
    return Diagnostic(
      .brokenContract, "selection.broken-contract",
      "While comparing to previous project state, dbt detected a breaking change to an enforced contract." + reasons,
      at: SourceLocation(file: file, subject: "model \(name)"),
      hint: "make a change that only adds, or create a new version of the model: docs.getdbt.com/docs/collaborate/govern/model-versions")
  }

  /// Whether tables of the materialization bear constraints.
  static func enforcesConstraints(_ materialized: String?) -> Bool { materialized == "table" || materialized == "incremental" }

  /// Constraints without what was not said about them, by what they are.
  static func comparable(_ constraints: [JSON]?) -> Set<JSON> {
    Set(
      (constraints ?? []).map { constraint in
        .object((constraint.object ?? [:]).filter { key, value in value != .null && value != .array([]) && !key.hasPrefix("warn_un") })
      })
  }

  /// What broke, in dbt's order.
  private static func changes(_ node: Node, _ old: JSON) -> [String] {
    guard old["contract"]?["enforced"]?.bool == true else { return [] }
    var changes: [String] = []
    if node.config["contract"]?["enforced"]?.bool != true {
      changes.append(
        "Contract enforcement was removed: Previously, this model had an enforced contract. It is no longer configured to enforce its contract, "
          + "and this is a breaking change.")
    }
    let materialized = old["config"]?["materialized"]?.string
    let wasEnforced = enforcesConstraints(materialized)
    var removed: [String] = []
    var retyped: [String] = []
    var loosened: [String] = []
    var hadConstraints = old["constraints"]?.array?.isEmpty == false
    for (key, column) in (old["columns"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
      let constraints = column["constraints"]?.array ?? []
      if !constraints.isEmpty { hadConstraints = true }
      guard let now = node.columns[key] else {
        removed.append(key)
        continue
      }
      let type = column["data_type"]?.string
      if baseType(type) != baseType(now.dataType) { retyped.append("\(key) (\(type ?? "None") -> \(now.dataType ?? "None"))") }
      if wasEnforced { loosened += lost(constraints, now.constraints).map { "\(title($0)) constraint on column \(key)" } }
    }
    let general = wasEnforced ? lost(old["constraints"]?.array ?? [], node.constraints) : []
    if !removed.isEmpty { changes.append(list("Columns were removed", removed)) }
    if !retyped.isEmpty { changes.append(list("Columns with data_type changes", retyped)) }
    if !loosened.isEmpty { changes.append(list("Enforced column level constraints were removed", loosened)) }
    if !general.isEmpty {
      let texts = general.map { "\(title($0)) constraint on columns \(($0["columns"] ?? .array([])).text())" }
      changes.append(list("Enforced model level constraints were removed", texts))
    }
    let current = node.config["materialized"]?.string
    if wasEnforced, !enforcesConstraints(current), hadConstraints {
      changes.append(list("Materialization changed with enforced constraints", ["\(materialized ?? "") -> \(current ?? "")"]))
    }
    return changes
  }

  private static func list(_ title: String, _ items: [String]) -> String {
    title + ": " + items.map { "\n    - " + $0 }.joined()
  }

  private static func title(_ constraint: JSON) -> String { "'\(constraint["name"]?.string ?? constraint["type"]?.string ?? "")'" }

  /// The constraints that the engine enforced and that nobody declares any more.
  private static func lost(_ before: [JSON], _ now: [JSON]) -> [JSON] {
    let kept = comparable(now)
    return before.filter { !comparable([$0]).isSubset(of: kept) && $0["type"] != "custom" }
  }

  /// A type without its size, as names of types are compared: a longer text breaks nobody.
  private static func baseType(_ type: String?) -> String? {
    type.map { String($0.prefix { $0 != "(" }).trimmingBlanks.lowercased() }
  }

  private static func isPastDeprecation(_ model: JSON) -> Bool {
    guard let date = model["deprecation_date"]?.string else { return false }
    return date.prefix(10) < Date().ISO8601Format().prefix(10)
  }
}
