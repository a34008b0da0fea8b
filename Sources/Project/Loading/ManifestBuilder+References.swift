import DataFormats
import Diagnostics
import OrderedCollections

/// What can be referred to, by name.
struct ReferenceTable {
  struct Entry {
    var id: String
    var package: String
    var version: JSON?
    var latestVersion: JSON?
  }

  private(set) var enabled: [String: [Entry]] = [:]
  private(set) var disabled: [String: [Entry]] = [:]

  init(_ manifest: Manifest) {
    for node in manifest.nodes.values where node.resourceType.isRefable { enabled[node.name, default: []].append(ReferenceTable.entry(node)) }
    for entries in manifest.disabled.values {
      for case .node(let node) in entries where node.resourceType.isRefable { disabled[node.name, default: []].append(ReferenceTable.entry(node)) }
    }
  }

  private static func entry(_ node: Node) -> Entry {
    Entry(id: node.uniqueID, package: node.packageName, version: node.version, latestVersion: node.latestVersion)
  }

  /// The unique id that a reference means inside `package`; packages are tried in the order: the written one; or the own
  /// one, the root project, any.
  func find(_ reference: Reference, from package: String, root: String, among table: [String: [Entry]]) -> String? {
    guard let candidates = table[reference.name] else { return nil }
    let places: [String?] = reference.package.map { [$0] } ?? (package == root ? [package, nil] : [package, root, nil])
    for place in places {
      let here = candidates.filter { place == nil || $0.package == place }
      if let version = reference.version {
        if let match = here.first(where: { $0.version?.plainText == version.plainText }) { return match.id }
      } else if let match = here.first(where: { $0.version == nil || $0.version?.plainText == $0.latestVersion?.plainText }) {
        return match.id
      }
    }
    return nil
  }
}

extension ManifestBuilder {
  /// Refs and sources become `depends_on`.
  func resolveReferences() {
    let table = ReferenceTable(manifest)
    for index in manifest.nodes.values.indices {
      // Nobody else may hold the node while it is changed, or it is copied.
      guard let found = dependencies(manifest.nodes.values[index], table) else { continue }
      manifest.nodes.values[index].dependsOnNodes = found
    }
    for index in manifest.exposures.values.indices {
      let exposure = manifest.exposures.values[index]
      manifest.exposures.values[index].dependsOnNodes = dependencies(
        exposure.refs, exposure.sources, of: exposure.uniqueID, package: exposure.packageName, group: nil, kind: .exposure,
        subject: "exposure \(exposure.name)", table)
      for name in exposure.metrics {
        if let target = metric(name, from: exposure.packageName) {
          manifest.exposures.values[index].dependsOnNodes.append(target)
        } else {
          report(unresolved(metric: name, of: exposure))
        }
      }
    }
    linkSemantics(table)
  }

  /// What a node depends on; nil if it refers to nothing.
  private func dependencies(_ node: Node, _ table: ReferenceTable) -> [String]? {
    guard !node.refs.isEmpty || !node.sources.isEmpty else { return nil }
    let subject = "\(node.resourceType.rawValue) \(node.name)"
    return dependencies(
      node.refs, node.sources, of: node.uniqueID, package: node.packageName, group: node.group, kind: node.resourceType, subject: subject, table)
  }

  private func dependencies(
    _ refs: [Reference], _ sources: [SourceReference], of id: String, package: String, group: String?, kind: ResourceType, subject: String,
    _ table: ReferenceTable
  ) -> [String] {
    var found: OrderedSet<String> = []
    let capture = places[id]
    // Sources first, as in dbt's manifest.
    for (index, reference) in sources.enumerated() where sources.firstIndex(of: reference) == index {
      let place = capture.flatMap { index < $0.sourcePlaces.count ? $0.sourcePlaces[index] : nil } ?? SourceLocation()
      let trail = capture.flatMap { index < $0.sourceTrails.count ? $0.sourceTrails[index] : nil } ?? []
      if let target = source(reference, package) {
        found.append(target)
      } else if kind == .test, isDisabled(reference) {
        disabledTests.append(id)
      } else if breakage.explains(reference.table) {
        if kind == .test { disabledTests.append(id) }
      } else {
        report(unresolved(reference, of: id, place: place, trail: trail, subject: subject), on: kind, id)
      }
    }
    for (index, reference) in refs.enumerated() where refs.firstIndex(of: reference) == index {
      let place = capture.flatMap { index < $0.refPlaces.count ? $0.refPlaces[index] : nil } ?? SourceLocation()
      let trail = capture.flatMap { index < $0.refTrails.count ? $0.refTrails[index] : nil } ?? []
      if let target = table.find(reference, from: package, root: root.name, among: table.enabled) {
        checkAccess(target, from: id, group: group, package: package, place: place, subject: subject)
        found.append(target)
      } else if table.find(reference, from: package, root: root.name, among: table.disabled) != nil, kind == .test {
        // A test of a disabled model is disabled with it.
        disabledTests.append(id)
      } else if breakage.explains(reference.name) {
        if kind == .test { disabledTests.append(id) }
      } else {
        report(unresolved(reference, of: id, place: place, trail: trail, subject: subject, package: package, table), on: kind, id)
      }
    }
    return Array(found)
  }

  /// What a test stands on may be missing, as dbt has it: the test is switched off, with a warning.
  private func report(_ diagnostic: Diagnostic, on kind: ResourceType, _ id: String) {
    guard kind == .test else { return report(diagnostic) }
    var warning = diagnostic
    warning.severity = .warning
    report(warning)
    disabledTests.append(id)
  }

  private func source(_ reference: SourceReference, _ package: String) -> String? {
    for place in OrderedSet([package, root.name] + packages.keys) {
      let id = "source.\(place).\(reference.source).\(reference.table)"
      if manifest.sources[id] != nil { return id }
    }
    return nil
  }

  private func isDisabled(_ reference: SourceReference) -> Bool {
    manifest.disabled.values.contains { entries in
      entries.contains { if case .source(let source) = $0 { source.sourceName == reference.source && source.name == reference.table } else { false } }
    }
  }

  private func checkAccess(_ target: String, from id: String, group: String?, package: String, place: SourceLocation, subject: String) {
    guard let node = manifest.nodes[target], node.resourceType == .model, manifest.nodes[id]?.resourceType != .sqlOperation else { return }
    if node.access == "private", node.group != group || node.group == nil, manifest.nodes[id]?.resourceType != .test {
      report(
        diagnostic(
          "project.private-ref",
          "Node \(id) attempted to reference node \(target), which is not allowed because the referenced node is private to the '\(node.group ?? "")' group",
          at: place, in: text(of: place), hint: "put both into one group, or make \(node.name) protected", subject: subject))
    } else if node.access == "protected", node.packageName != package, packages[node.packageName]?.restrictAccess == true {
      report(
        diagnostic(
          "project.private-ref",
          "Node \(id) attempted to reference node \(target), which is not allowed because the referenced node is protected in package '\(node.packageName)'",
          at: place, in: text(of: place), hint: "ask for access: public", subject: subject))
    }
  }

  private func unresolved(
    _ reference: Reference, of id: String, place: SourceLocation, trail: [String], subject: String, package: String, _ table: ReferenceTable
  ) -> Diagnostic {
    let path = writtenIn(id)
    let kind = id.split(separator: ".").first.map { $0.prefix(1).uppercased() + $0.dropFirst() } ?? ""
    var target = "node named '\(reference.name)'"
    if let version = reference.version { target += " with version '\(version.plainText)'" }
    if let package = reference.package { target += " in package or project '\(package)'" }
    let isDisabled = table.find(reference, from: package, root: root.name, among: table.disabled) != nil
    let reason = isDisabled ? "is disabled" : "was not found"
    let names = table.enabled.keys.filter { $0 != reference.name }
    var hint = isDisabled ? "enable it, or remove the reference" : Suggestion.didYouMean(reference.name, among: names)
    if let name = reference.package, packages[name] == nil {
      hint = Suggestion.didYouMean(name, among: packages.keys) ?? "no package '\(name)' is installed: list it in packages.yml and run scv deps"
    }
    if hint == nil, let others = table.enabled[reference.name] {
      let versions = others.compactMap { $0.version?.plainText }
      hint =
        versions.isEmpty ? "it is in package \(others.map { "'\($0.package)'" }.joined(separator: ", "))" : "versions are \(versions.joined(separator: ", "))"
    }
    var result = diagnostic(
      isDisabled ? "project.disabled-ref" : "project.unknown-ref", "\(kind) '\(id)' (\(path)) depends on a \(target) which \(reason)", at: place,
      in: text(of: place), length: reference.description.count, hint: hint ?? "check the name: scv ls lists what there is", subject: subject)
    result.trail = trail
    return result
  }

  private func unresolved(_ reference: SourceReference, of id: String, place: SourceLocation, trail: [String], subject: String) -> Diagnostic {
    let path = writtenIn(id)
    let kind = id.split(separator: ".").first.map { $0.prefix(1).uppercased() + $0.dropFirst() } ?? ""
    let isDisabled = isDisabled(reference)
    let tables = manifest.sources.values.filter { $0.sourceName == reference.source }.map(\.name)
    let sources = Set(manifest.sources.values.map(\.sourceName))
    let suggestion = tables.isEmpty ? Suggestion.didYouMean(reference.source, among: sources) : Suggestion.didYouMean(reference.table, among: tables)
    var result = diagnostic(
      isDisabled ? "project.disabled-source" : "project.unknown-source",
      "\(kind) '\(id)' (\(path)) depends on a source named '\(reference.source).\(reference.table)' which \(isDisabled ? "is disabled" : "was not found")",
      at: place, in: text(of: place), length: "source('', '')".count + reference.source.count + reference.table.count,
      hint: isDisabled ? "enable it, or remove the reference" : suggestion ?? "declare it under sources: in a property file", subject: subject)
    result.trail = trail
    return result
  }

  private func unresolved(metric name: [String], of exposure: Exposure) -> Diagnostic {
    let metrics = manifest.semantics.filter { $0.key.hasPrefix("metric.") }.values.compactMap { $0["name"]?.string }
    let package = name.count > 1 ? " in package or project '\(name[0])'" : ""
    return Diagnostic(
      .compilation, "project.unknown-metric",
      "Exposure '\(exposure.uniqueID)' (\(exposure.originalFilePath)) depends on a metric named '\(name.last ?? "")'\(package) which was not found",
      at: exposure.location, hint: Suggestion.didYouMean(name.last ?? "", among: metrics))
  }

  /// What messages call the file of something.
  private func writtenIn(_ id: String) -> String {
    if let node = manifest.nodes[id] { return node.resourceType == .sqlOperation ? "--inline" : node.originalFilePath }
    return manifest.exposures[id]?.originalFilePath ?? ""
  }

  /// The text of the file of a place.
  private func text(of place: SourceLocation) -> String? {
    place.file == "--inline" ? options.inlineSQL : place.file.flatMap { sourceTexts[$0] }
  }

  // MARK: Uniqueness

  /// No two things of one name in a package, none with the same relation.
  func checkUniqueness() {
    for id in Set(disabledTests) {
      guard let node = manifest.nodes.removeValue(forKey: id) else { continue }
      manifest.disabled[id, default: []].append(.node(node))
    }
    var names: [String: Node] = [:]
    var relations: [String: Node] = [:]
    for node in manifest.nodes.values where node.resourceType.isRefable {
      let key = node.packageName + " " + node.searchName
      if let other = names[key] {
        report(
          Diagnostic(
            .compilation, "project.duplicate-name", "dbt found two resources with the name \"\(node.name)\"", at: node.place,
            hint:
              "\(other.resourceType.rawValue) and \(node.resourceType.rawValue) of one name cannot be told apart by ref(): the other is in \(other.originalFilePath)"
          ))
      }
      names[key] = node
      guard node.isRelational else { continue }
      let relation = [node.database ?? "", node.schema, node.alias].joined(separator: "\u{0}").lowercased()
      if let other = relations[relation] {
        report(
          Diagnostic(
            .compilation, "project.duplicate-relation",
            "dbt found two resources with the database representation \"\(node.schema).\(node.alias)\": \(other.uniqueID) (\(other.originalFilePath)) and \(node.uniqueID) (\(node.originalFilePath))",
            at: node.place, hint: "give one of them another alias or schema"))
      }
      relations[relation] = node
    }
  }

  // MARK: Graph

  /// The graph of everything; of each way round a `project.cycle` is reported.
  func buildGraph() {
    var entries: [(id: String, parents: [String])] = []
    entries.reserveCapacity(manifest.sources.count + manifest.nodes.count + manifest.exposures.count + manifest.unitTests.count)
    for id in manifest.sources.keys { entries.append((id, [])) }
    for node in manifest.nodes.values { entries.append((node.uniqueID, node.dependsOnNodes)) }
    for test in manifest.unitTests.values { entries.append((test.uniqueID, test.dependsOnNodes)) }
    for exposure in manifest.exposures.values { entries.append((exposure.uniqueID, exposure.dependsOnNodes)) }
    for (id, value) in manifest.semantics { entries.append((id, value["depends_on"]?["nodes"]?.array?.compactMap(\.string) ?? [])) }
    while true {
      do {
        manifest.graph = try Graph(entries)
        return
      } catch {
        report(cycle(error))
        // Without one of them the rest may hold another.
        let broken = error.cycle.first
        guard broken != nil, errors.count < options.errorLimit, let index = entries.firstIndex(where: { $0.id == broken }) else { return }
        entries[index].parents = []
      }
    }
  }

  private func cycle(_ error: Graph.CycleError) -> Diagnostic {
    let names = error.cycle.map { manifest.nodes[$0]?.searchName ?? $0 }
    let round = (names + [names.first ?? ""]).joined(separator: " --> ")
    let first = error.cycle.first.flatMap { manifest.nodes[$0] }
    var place = first?.place ?? SourceLocation()
    if let first, let last = error.cycle.last, let capture = places[first.uniqueID], let parent = manifest.nodes[last],
      let index = capture.refs.firstIndex(where: { $0.name == parent.name }), index < capture.refPlaces.count
    {
      place = capture.refPlaces[index]
      place.subject = "\(first.resourceType.rawValue) \(first.name)"
    }
    return diagnostic(
      "project.cycle", "Found a cycle: \(round)", at: place, in: text(of: place), hint: "each reads the one before it: one of these refs must go")
  }

  /// Primary keys: from constraints, or else from tests: columns that are unique and not null, then those that are unique.
  func inferPrimaryKeys() {
    var unique: [String: OrderedSet<String>] = [:]
    var notNull: [String: Set<String>] = [:]
    var switchedOff: [String: OrderedSet<String>] = [:]
    // Tests that are switched off say what is a key as well.
    let disabled = manifest.disabled.values.flatMap { $0 }.compactMap { if case .node(let node) = $0, node.resourceType == .test { node } else { nil } }
    for (node, isEnabled) in manifest.nodes.values.lazy.map({ ($0, true) }) + disabled.map({ ($0, false) }) {
      guard let model = node.attachedNode, let metadata = node.testMetadata else { continue }
      let columns = metadata.arguments["column_name"]?.string.map { [$0] } ?? metadata.arguments["combination_of_columns"]?.array?.compactMap(\.string)
      switch metadata.name {
      case "unique", "unique_combination_of_columns":
        if isEnabled { unique[model, default: []].append(contentsOf: columns ?? []) } else { switchedOff[model, default: []].append(contentsOf: columns ?? []) }
      case "not_null": notNull[model, default: []].formUnion(columns ?? [])
      default: break
      }
    }
    for index in manifest.nodes.values.indices where manifest.nodes.values[index].resourceType == .model {
      let id = manifest.nodes.values[index].uniqueID
      let keys = ManifestBuilder.primaryKey(manifest.nodes.values[index], unique: unique[id], disabled: switchedOff[id], notNull: notNull[id])
      if !keys.isEmpty { manifest.nodes.values[index].primaryKey = keys }
    }
  }

  private static func primaryKey(_ node: Node, unique: OrderedSet<String>?, disabled: OrderedSet<String>?, notNull: Set<String>?) -> [String] {
    if let constraint = node.constraints.first(where: { $0["type"]?.string == "primary_key" }) {
      return constraint["columns"]?.array?.compactMap(\.string) ?? []
    }
    let constrained = node.columns.values.filter { $0.constraints.contains { $0["type"]?.string == "primary_key" } }.map(\.name)
    guard constrained.isEmpty, unique != nil || disabled != nil else { return Array(constrained.prefix(1)) }
    let both = (unique ?? []).union(disabled ?? []).filter { notNull?.contains($0) ?? false }
    return both.isEmpty ? Array(unique ?? disabled ?? []) : Array(both)
  }

  /// Nodes in the order of dbt's manifest: by kind, as they were found.
  func sortManifest() {
    func rank(_ node: Node) -> Int {
      switch node.resourceType {
      case .model: 0
      case .snapshot: 1
      case .analysis: 2
      case .test: node.testMetadata == nil ? 3 : 7
      case .seed: 4
      case .operation: 5
      case .sqlOperation: 6
      default: 8
      }
    }
    let ranks = manifest.nodes.values.map(rank)
    guard zip(ranks, ranks.dropFirst()).contains(where: >) else { return }
    manifest.nodes.sort { rank($0.value) < rank($1.value) }
  }
}
