import DataFormats
import Diagnostics

/// One thing that can be selected, as far as most criteria look at it.
struct SelectableMember {
  var id: String
  var type: ResourceType
  var package: String
  var name: String
  var fqn: [String]
  var tags: [String]
  /// The file, relative to the root of its package.
  var file: String
  var patchFile: String?
  var isVersioned = false

  /// Everything in a manifest.
  static func all(_ manifest: Manifest) -> [SelectableMember] {
    var members: [SelectableMember] = []
    for node in manifest.nodes.values {
      let patch = node.patchPath?.firstRange(of: "://").map { String(node.patchPath?[$0.upperBound...] ?? "") }
      members.append(
        SelectableMember(
          id: node.uniqueID, type: node.resourceType, package: node.packageName, name: node.name, fqn: node.fqn, tags: node.tags,
          file: node.originalFilePath, patchFile: patch, isVersioned: node.version != nil))
    }
    for source in manifest.sources.values {
      members.append(
        SelectableMember(
          id: source.uniqueID, type: .source, package: source.packageName, name: source.name, fqn: source.fqn, tags: source.tags,
          file: source.originalFilePath))
    }
    for exposure in manifest.exposures.values {
      members.append(
        SelectableMember(
          id: exposure.uniqueID, type: .exposure, package: exposure.packageName, name: exposure.name, fqn: exposure.fqn, tags: exposure.tags,
          file: exposure.originalFilePath))
    }
    for test in manifest.unitTests.values {
      members.append(
        SelectableMember(
          id: test.uniqueID, type: .unitTest, package: test.packageName, name: test.name, fqn: test.fqn, tags: test.tags,
          file: test.originalFilePath))
    }
    for (id, value) in manifest.semantics {
      let fqn = value["fqn"]?.array?.compactMap(\.string) ?? []
      guard let type = manifest.resourceType(of: id) else { continue }
      members.append(
        SelectableMember(
          id: id, type: type, package: value["package_name"]?.string ?? "", name: value["name"]?.string ?? "", fqn: fqn, tags: [],
          file: value["original_file_path"]?.string ?? ""))
    }
    return members
  }
}

/// What each selection method matches.
struct SelectionMethods {
  let manifest: Manifest
  let members: [SelectableMember]
  let state: StateComparison?
  let request: SelectionRequest

  /// The unique ids that a criterion matches by itself.
  ///
  /// - Throws: `Diagnostic` (`selection.bad-value`, `selection.no-state`).
  func matches(_ criterion: SelectionCriterion) throws -> Set<String> {
    let value = criterion.value
    switch criterion.method {
    case .fqn: return ids { $0.type != .source && SelectionMethods.matches(value, $0) }
    case .tag: return ids { $0.tags.contains { Wildcard.matches($0, value) } }
    case .group: return nodes { $0.config.group.map { Wildcard.matches($0, value) } ?? false }
    case .access: return nodes { $0.resourceType == .model && $0.access == value }
    case .package:
      let wanted = value == "this" ? manifest.projectName : value
      return ids { Wildcard.matches($0.package, wanted) }
    case .path: return paths(value)
    case .file: return ids { Wildcard.matches(fileName($0.file), value) || Wildcard.matches(stem($0.file), value) }
    case .source: return try sources(criterion)
    case .exposure: return try named(criterion, .exposure)
    case .metric: return try named(criterion, .metric)
    case .semanticModel: return try named(criterion, .semanticModel)
    case .savedQuery: return try named(criterion, .savedQuery)
    case .unitTest: return try named(criterion, .unitTest)
    case .config: return configured(criterion)
    case .resourceType: return try types(criterion)
    case .testName:
      return nodes { $0.testMetadata.map { Wildcard.matches($0.name, value) } ?? false }
        .union(manifest.unitTests.values.filter { Wildcard.matches($0.name, value) }.map(\.uniqueID))
    case .testType: return try testTypes(criterion)
    case .version: return try versions(criterion)
    case .state: return try states(criterion)
    case .result: return try results(criterion)
    case .sourceStatus: return try freshSources(criterion)
    case .selector: return []
    }
  }

  private func ids(_ condition: (SelectableMember) -> Bool) -> Set<String> {
    var found: Set<String> = []
    for member in members where condition(member) { found.insert(member.id) }
    return found
  }

  private func nodes(_ condition: (Node) -> Bool) -> Set<String> {
    var found: Set<String> = []
    for node in manifest.nodes.values where condition(node) { found.insert(node.uniqueID) }
    return found
  }

  private func bad(_ criterion: SelectionCriterion, _ message: String, hint: String?) -> Diagnostic {
    Diagnostic(.configuration, "selection.bad-value", "\(message) in '\(criterion.raw)'", hint: hint)
  }

  // MARK: Names and files

  /// Whether a name, or a dotted path of package, folders and name, means a member; the package may be left out.
  static func matches(_ value: String, _ member: SelectableMember) -> Bool {
    matches(value, member.fqn, member.isVersioned) || matches(value, Array(member.fqn.dropFirst()), member.isVersioned)
  }

  private static func matches(_ value: String, _ fqn: [String], _ isVersioned: Bool) -> Bool {
    guard let last = fqn.last else { return false }
    if isVersioned, fqn.count > 1 {
      if fqn[fqn.count - 2] == value { return true }
      let parts = value.split(separator: ".").suffix(2).joined(separator: "_")
      if fqn.suffix(2).joined(separator: "_") == parts { return true }
    } else if last == value {
      return true
    }
    let wanted = value.split(separator: ".", omittingEmptySubsequences: false)
    let flat = fqn.flatMap { $0.split(separator: ".", omittingEmptySubsequences: false) }
    guard flat.count >= wanted.count else { return false }
    for (index, part) in wanted.enumerated() {
      if part.contains(where: { "*?[]".contains($0) }) {
        return Wildcard.matches(flat[index...].joined(separator: "."), wanted[index...].joined(separator: "."))
      }
      if flat[index] != part { return false }
    }
    return true
  }

  private func paths(_ value: String) -> Set<String> {
    var wanted = value.hasPrefix("./") ? String(value.dropFirst(2)) : value
    while wanted.hasSuffix("/") { wanted.removeLast() }
    if let root = manifest.nodes.values.first?.rootPath, wanted.hasPrefix(root + "/") { wanted.removeFirst(root.count + 1) }
    let pattern = PathPattern(wanted)
    return ids { pattern.matches($0.file) || $0.patchFile.map(pattern.matchesExactly) ?? false }
  }

  private func fileName(_ path: String) -> String { String(path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...]) }

  private func stem(_ path: String) -> String {
    let name = fileName(path)
    return String(name[..<(name.lastIndex(of: ".") ?? name.endIndex)])
  }

  private func sources(_ criterion: SelectionCriterion) throws -> Set<String> {
    let parts = criterion.value.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 3 else {
      throw bad(criterion, "a source is given as source, source.table or package.source.table", hint: "use at most two dots")
    }
    let (package, source, table) =
      parts.count == 3 ? (parts[0], parts[1], parts[2]) : ("*", parts[0], parts.count == 2 ? parts[1] : "*")
    return Set(
      manifest.sources.values.filter {
        Wildcard.matches($0.packageName, package) && Wildcard.matches($0.sourceName, source) && Wildcard.matches($0.name, table)
      }.map(\.uniqueID))
  }

  private func named(_ criterion: SelectionCriterion, _ type: ResourceType) throws -> Set<String> {
    let parts = criterion.value.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2, let name = parts.last else {
      throw bad(criterion, "this is given as name or package.name", hint: "use at most one dot")
    }
    let package = parts.count == 2 ? parts[0] : "*"
    return ids { $0.type == type && Wildcard.matches($0.package, package) && Wildcard.matches($0.name, name) }
  }

  // MARK: Configuration and kind

  private func configured(_ criterion: SelectionCriterion) -> Set<String> {
    func holds(_ config: NodeConfiguration) -> Bool {
      var value: JSON? = .object(config.values)
      for part in criterion.arguments { value = value?[NodeConfiguration.canonical(part)] }
      guard let value else { return false }
      let ignoresCase = criterion.arguments == ["severity"]
      func equals(_ value: JSON) -> Bool {
        switch value {
        case .bool(let flag): return criterion.value.lowercased() == (flag ? "true" : "false")
        case .null: return false
        default:
          let text = value.plainText
          return text == criterion.value || (ignoresCase && text.lowercased() == criterion.value.lowercased())
        }
      }
      switch value {
      case .array(let elements): return elements.contains(where: equals)
      case .object(let members): return members[criterion.value] != nil
      default: return equals(value)
      }
    }
    var found = nodes { holds($0.config) }
    for source in manifest.sources.values where holds(source.config) { found.insert(source.uniqueID) }
    return found
  }

  private func types(_ criterion: SelectionCriterion) throws -> Set<String> {
    guard let type = ResourceType(rawValue: criterion.value) else {
      let names = ResourceType.allCases.map(\.rawValue)
      throw bad(
        criterion, "'\(criterion.value)' is not a resource type",
        hint: Suggestion.didYouMean(criterion.value, among: names) ?? "types are \(names.joined(separator: ", "))")
    }
    return ids { $0.type == type }
  }

  private func testTypes(_ criterion: SelectionCriterion) throws -> Set<String> {
    switch criterion.value {
    case "generic", "schema": return nodes { $0.resourceType == .test && $0.testMetadata != nil }
    case "singular": return nodes { $0.resourceType == .test && $0.testMetadata == nil }
    case "data": return nodes { $0.resourceType == .test }
    case "unit": return Set(manifest.unitTests.keys)
    default: throw bad(criterion, "'\(criterion.value)' is not a test type", hint: "types are generic, singular, unit and data")
    }
  }

  private func versions(_ criterion: SelectionCriterion) throws -> Set<String> {
    guard ["latest", "prerelease", "old", "none"].contains(criterion.value) else {
      throw bad(criterion, "'\(criterion.value)' is not a kind of version", hint: "kinds are latest, prerelease, old and none")
    }
    return nodes { node in
      guard node.resourceType == .model else { return false }
      guard let version = node.version, let latest = node.latestVersion else { return criterion.value == "none" }
      switch criterion.value {
      case "latest": return version.plainText == latest.plainText
      case "prerelease": return NodeFactory.precedes(latest, version)
      case "old": return NodeFactory.precedes(version, latest)
      default: return false
      }
    }
  }

  // MARK: Earlier runs

  private func noState(_ category: Diagnostic.Category, _ message: String, _ criterion: SelectionCriterion, hint: String) -> Diagnostic {
    Diagnostic(category, "selection.no-state", "\(message): '\(criterion.raw)'", hint: hint)
  }

  private func states(_ criterion: SelectionCriterion) throws -> Set<String> {
    guard let state else {
      throw noState(
        .configuration, "Got a state selector method, but no comparison manifest", criterion,
        hint: "pass --state with the folder of manifest.json from an earlier run")
    }
    guard let kind = StateComparison.Kind(rawValue: criterion.value) else {
      let kinds = StateComparison.Kind.allCases.map(\.rawValue)
      throw bad(
        criterion, "'\(criterion.value)' is not a kind of change",
        hint: Suggestion.didYouMean(criterion.value, among: kinds) ?? "kinds are \(kinds.joined(separator: ", "))")
    }
    if [.modified, .unmodified, .contract].contains(kind) { try state.refuseBrokenContracts() }
    return ids { state.holds(kind, $0.id) }
  }

  private func results(_ criterion: SelectionCriterion) throws -> Set<String> {
    guard let results = request.previous?.results else {
      throw noState(.internal, "No comparison run_results", criterion, hint: "pass --state with the folder of run_results.json from an earlier run")
    }
    return ids { results[$0.id] == criterion.value }
  }

  private func freshSources(_ criterion: SelectionCriterion) throws -> Set<String> {
    guard criterion.value == "fresher" else { throw bad(criterion, "'\(criterion.value)' is not a source status", hint: "the status is fresher") }
    guard let before = request.previous?.sourcesBefore else {
      throw noState(
        .internal, "No previous state comparison freshness results in sources.json", criterion,
        hint: "pass --state with a folder that has the sources.json of an earlier `scv source freshness`")
    }
    guard let now = request.previous?.sourcesNow else {
      throw noState(
        .internal, "No current state comparison freshness results in sources.json", criterion, hint: "run `scv source freshness` first")
    }
    return Set(now.filter { id, time in before[id].map { time > $0 } ?? true }.map(\.key)).intersection(manifest.sources.keys)
  }
}
