import DataFormats
import Diagnostics
import OrderedCollections

/// What has changed since an earlier manifest (docs.getdbt.com/reference/node-selection/state-comparison-caveats).
struct StateComparison {
  /// A kind of change, as `state:` names it.
  enum Kind: String, CaseIterable {
    case new, old, modified, unmodified
    case body = "modified.body"
    case configs = "modified.configs"
    case relation = "modified.relation"
    case persistedDescriptions = "modified.persisted_descriptions"
    case macros = "modified.macros"
    case contract = "modified.contract"
  }

  let manifest: Manifest
  let before: [String: JSON]
  /// What became of contracts.
  private let brokenContracts: [BrokenContract]
  private let modifiedMacros: Set<String>

  init(manifest: Manifest, previous: JSON) {
    self.manifest = manifest
    var before: [String: JSON] = [:]
    for key in ["nodes", "sources", "exposures", "metrics", "semantic_models", "saved_queries", "unit_tests"] {
      for (id, value) in previous[key]?.object ?? [:] { before[id] = value }
    }
    self.before = before
    brokenContracts = BrokenContract.all(manifest, previous["nodes"]?.object ?? [:])
    modifiedMacros = StateComparison.modifiedMacros(manifest, previous["macros"]?.object ?? [:])
  }

  /// The macros whose text changed, which are new or gone, and all that call them.
  private static func modifiedMacros(_ manifest: Manifest, _ before: OrderedDictionary<String, JSON>) -> Set<String> {
    let builtins = Set(manifest.macroResolver.builtinPackages)
    var callers: [String: [String]] = [:]
    var found: [String] = []
    for macro in manifest.macros.values {
      for called in macro.dependsOnMacros { callers[called, default: []].append(macro.uniqueID) }
      // What comes with the tool changes with its version, not with the project.
      if builtins.contains(macro.packageName) { continue }
      if before[macro.uniqueID]?["macro_sql"]?.string != macro.macroSQL { found.append(macro.uniqueID) }
    }
    for (id, value) in before where manifest.macros[id] == nil && manifest.macroResolver.isPackage(value["package_name"]?.string ?? "") {
      if !builtins.contains(value["package_name"]?.string ?? ""), value["package_name"]?.string != "dbt" { found.append(id) }
    }
    var modified = Set(found)
    while let id = found.popLast() {
      for caller in callers[id] ?? [] where modified.insert(caller).inserted { found.append(caller) }
    }
    return modified
  }

  /// Whether a change of the kind happened to what bears the unique id.
  func holds(_ kind: Kind, _ id: String) -> Bool {
    let old = before[id]
    switch kind {
    case .new: return old == nil
    case .old: return old != nil
    case .modified: return isModified(id, old)
    case .unmodified: return !isModified(id, old)
    case .macros: return usesModifiedMacro(id)
    case .body: return manifest.nodes[id].map { !sameBody($0, old) } ?? false
    case .configs: return manifest.nodes[id].map { !sameConfig($0, old) } ?? false
    case .relation: return manifest.nodes[id].map { !sameRelation($0, old) } ?? false
    case .persistedDescriptions: return manifest.nodes[id].map { !sameDescriptions($0, old) } ?? false
    case .contract: return manifest.nodes[id].map { !sameContract($0, old) } ?? false
    }
  }

  /// Warnings of models without versions that broke their contracts.
  var contractWarnings: [Diagnostic] { brokenContracts.map(\.diagnostic).filter { $0.severity == .warning } }

  /// What a comparison cannot tell of seeds over 1 MB, which are known by their path only.
  var seedWarnings: [Diagnostic] {
    manifest.nodes.values.compactMap { node in
      guard node.resourceType == .seed, node.checksum.name == "path", let old = before[node.uniqueID]?["checksum"] else { return nil }
      let found = "Found a seed (\(node.packageName).\(node.name)) >1MB in size"
      let (code, rest) =
        if old["name"] != "path" {
          ("selection.seed-grew", ". The previous file was <=1MB, so it has changed")
        } else if old["checksum"]?.string == node.checksum.value {
          ("selection.seed-too-big", " at the same path, dbt cannot tell if it has changed: assuming they are the same")
        } else {
          ("selection.seed-moved", " at a different path than before, so it is assumed to have changed")
        }
      return Diagnostic(.configuration, code, found + rest, at: node.place, hint: "load big files with a connection, or split the seed", severity: .warning)
    }
  }

  /// A versioned model must not break its contract: what changes that much is a new version.
  ///
  /// - Throws: `Diagnostic` (`selection.broken-contract`).
  func refuseBrokenContracts() throws {
    for broken in brokenContracts where broken.diagnostic.severity == .error { throw broken.diagnostic }
  }

  private func usesModifiedMacro(_ id: String) -> Bool {
    manifest.nodes[id]?.dependsOnMacros.contains(where: modifiedMacros.contains) ?? false
  }

  private func isModified(_ id: String, _ old: JSON?) -> Bool {
    guard let old else { return true }
    if let node = manifest.nodes[id] {
      return !sameBody(node, old) || !sameConfig(node, old) || !sameRelation(node, old) || !sameDescriptions(node, old)
        || node.fqn != old["fqn"]?.array?.compactMap(\.string)
        || !sameContract(node, old) || !sameReference(node, old) || usesModifiedMacro(id)
    }
    if let source = manifest.sources[id] {
      let keys = ["database", "schema", "identifier", "fqn", "quoting", "freshness", "loader", "loaded_at_field"]
      return differs(source.json, old, keys)
    }
    if let exposure = manifest.exposures[id] {
      return differs(exposure.json, old, ["fqn", "type", "owner", "maturity", "url", "description", "label", "depends_on", "config"])
    }
    if let test = manifest.unitTests[id] { return test.checksum != old["checksum"]?.string || test.fqn != old["fqn"]?.array?.compactMap(\.string) }
    guard let value = manifest.semantics[id], let keys = value.object?.keys else { return true }
    return differs(value, old, keys.filter { !["created_at", "metadata", "path"].contains($0) })
  }

  private func differs(_ now: JSON, _ old: JSON, _ keys: [String]) -> Bool {
    keys.contains { (now[$0] ?? .null) != (old[$0] ?? .null) }
  }

  private func sameBody(_ node: Node, _ old: JSON?) -> Bool {
    guard let old else { return false }
    if node.resourceType == .seed { return node.checksum.value == old["checksum"]?["checksum"]?.string }
    return node.rawCode == old["raw_code"]?.string ?? ""
      && (node.testMetadata == nil || node.testMetadata.map { .object($0.arguments) } == old["test_metadata"]?["kwargs"])
  }

  /// Configurations compare as they were written, before rendering: a changed variable is no change of the project.
  private func sameConfig(_ node: Node, _ old: JSON?) -> Bool {
    guard let old else { return false }
    func comparable(_ values: OrderedDictionary<String, JSON>) -> [String: JSON] {
      var result: [String: JSON] = [:]
      for (key, value) in values where !["tags", "meta", "docs", "group"].contains(key) && value != .null && value != .array([]) && value != .object([:]) {
        result[key] = value
      }
      return result
    }
    return comparable(node.unrenderedConfig) == comparable(old["unrendered_config"]?.object ?? [:])
      && Set(node.tags) == Set(old["tags"]?.array?.compactMap(\.string) ?? [])
  }

  private func sameRelation(_ node: Node, _ old: JSON?) -> Bool {
    guard let old else { return false }
    // Named as the project says, not as the target does: another target's schema is no change.
    let before = old["unrendered_config"] ?? [:]
    return ["schema", "alias", "database"].allSatisfy { (node.unrenderedConfig[$0] ?? .null) == (before[$0] ?? .null) }
  }

  private func sameDescriptions(_ node: Node, _ old: JSON?) -> Bool {
    guard let old else { return false }
    let persisted = node.config["persist_docs"]
    if persisted?["relation"]?.bool == true, node.description != old["description"]?.string ?? "" { return false }
    guard persisted?["columns"]?.bool == true else { return true }
    return node.columns.values.allSatisfy { $0.description == old["columns"]?[$0.name]?["description"]?.string ?? "" }
  }

  /// What decides how others may refer to a model, and which version of it they mean.
  private func sameReference(_ node: Node, _ old: JSON) -> Bool {
    guard node.resourceType == .model else { return true }
    return (node.latestVersion ?? .null).plainText == (old["latest_version"] ?? .null).plainText && node.access == old["access"]?.string ?? "protected"
      && node.json["deprecation_date"] ?? .null == old["deprecation_date"] ?? .null
  }

  private func sameContract(_ node: Node, _ old: JSON?) -> Bool {
    guard node.resourceType == .model else { return true }
    guard let old else { return false }
    let enforced = node.config["contract"]?["enforced"]?.bool ?? false
    guard enforced == (old["contract"]?["enforced"]?.bool ?? false) else { return false }
    guard enforced else { return true }
    // Any change of a contract is one, breaking or not.
    let columns = old["columns"]?.object ?? [:]
    return node.columns.count == columns.count
      && node.columns.values.allSatisfy {
        guard let column = columns[$0.name] else { return false }
        return $0.dataType == column["data_type"]?.string
          && BrokenContract.comparable($0.constraints) == BrokenContract.comparable(column["constraints"]?.array)
      }
      && (!BrokenContract.enforcesConstraints(node.config["materialized"]?.string)
        || node.config["materialized"] == old["config"]?["materialized"]
          && BrokenContract.comparable(node.constraints) == BrokenContract.comparable(old["constraints"]?.array))
  }
}
