import DataFormats
import Diagnostics
import Jinja
import OrderedCollections

extension ManifestBuilder {
  /// Takes property files apart.
  func addProperties(_ files: [Intake]) {
    for intake in files where intake.origin.kind == .properties {
      guard let document = intake.document else { continue }
      let reader = PropertyReader(context: context(for: intake.origin.package, name: intake.origin.displayPath), package: intake.origin.package)
      let (found, diagnostics, lost) = reader.read(document, file: intake.origin.file)
      for diagnostic in diagnostics {
        if diagnostic.severity == .error {
          report(diagnostic)
        } else if intake.origin.package == root.name {
          report(diagnostic, group: diagnostic.code == "project.unknown-key" ? diagnostic.message : diagnostic.description)
        }
      }
      lost.forEach { breakage.lose(text: $0) }
      for entry in found { entries[entry.kind, default: []].append(entry) }
    }
    for kind in ["models", "seeds", "snapshots", "analyses", "macros"] { checkPatchedOnce(kind) }
  }

  private func checkPatchedOnce(_ kind: String) {
    var seen: [String: PropertyEntry] = [:]
    for entry in entries[kind] ?? [] {
      let key = entry.package + " " + entry.name
      if let earlier = seen[key] {
        let other = earlier.place.description
        report(
          entry.diagnostic(
            "project.duplicate-properties", "dbt found two schema.yml entries for the same resource named \(entry.name)", at: ["name"],
            hint: "the other is at \(other): a resource is described once, merge them", category: .compilation))
      }
      seen[key] = entry
    }
  }

  /// The entries of a list by package and name.
  private func index(_ kind: String) -> [String: PropertyEntry] {
    Dictionary((entries[kind] ?? []).map { ("\($0.package) \($0.name)", $0) }) { first, _ in first }
  }

  /// Models, analyses, singular tests, seeds and snapshots.
  func addNodes(_ files: [Intake], _ factory: NodeFactory) {
    let found = files.flatMap { inputs($0) }
    var patched = Inputs(
      models: index("models"), seeds: index("seeds"), snapshots: index("snapshots"), analyses: index("analyses"),
      tests: index("data_tests").merging(index("tests")) { first, _ in first })
    patched.versions = versions()
    let complete = found.map { patched.complete($0) } + yamlSnapshots()
    matchedProperties = patched.matched
    let built = Parallel.map(complete, width: options.parallelism) { input -> Result<BuiltNode, any Error> in
      Result { try factory.make(input) }
    }
    for (input, result) in zip(complete, built) {
      switch result {
      case .success(let built): add(built, input)
      case .failure(let error):
        report(error)
        breakage.lose(input.name)
        breakage.lose(String(input.originalFilePath.split(separator: "/").last?.split(separator: ".").first ?? ""))
      }
    }
    checkEnabledOnce()
  }

  /// A property file cannot say which of several files of one name it enables.
  private func checkEnabledOnce() {
    for (kind, type) in [("models", ResourceType.model), ("seeds", .seed), ("snapshots", .snapshot)] {
      for entry in entries[kind] ?? [] where NodeConfiguration(entry.configuration([])).flag("enabled") == true {
        let id = "\(type.rawValue).\(entry.package).\(entry.name)"
        guard manifest.nodes[id] == nil, let disabled = manifest.disabled[id], disabled.count > 1 else { continue }
        report(
          entry.diagnostic(
            "project.ambiguous-enabled",
            "Found \(disabled.count) matching disabled nodes for \(type.rawValue) '\(entry.name)'. Multiple nodes for the same unique id cannot be "
              + "enabled in the schema file. They must be enabled in `dbt_project.yml` or in the sql files.", at: ["config", "enabled"],
            hint: "take 'enabled' out here, and write it where one of them is meant"))
      }
    }
  }

  func add(_ built: BuiltNode, _ input: NodeInput) {
    if let reading = built.reading {
      readings[input.displayPath] = reading
      if reading != input.stored { hasNewReadings = true }
    }
    let node = built.node
    checkConfiguration(of: node, built.capture)
    guard node.config.isEnabled else {
      manifest.disabled[node.uniqueID, default: []].append(.node(node))
      return
    }
    if let earlier = manifest.nodes[node.uniqueID] {
      report(
        Diagnostic(
          .compilation, "project.duplicate-name",
          "dbt found two \(node.resourceType.plural) with the name \"\(node.name)\"", at: SourceLocation(file: input.displayPath),
          hint: "the other is in \(earlier.location.file ?? earlier.originalFilePath): rename one of them, or disable it"))
      return
    }
    places[node.uniqueID] = built.capture
    manifest.nodes[node.uniqueID] = node
  }

  /// What a file makes nodes of.
  private func inputs(_ intake: Intake) -> [NodeInput] {
    guard intake.failure == nil else { return [] }
    let origin = intake.origin
    let file = origin.file
    let folders = file.folders
    func input(_ type: ResourceType, fqn: [String]? = nil) -> NodeInput {
      NodeInput(
        type: type, package: origin.package, name: file.stem, path: file.relativePath, originalFilePath: file.path, displayPath: origin.displayPath,
        fqn: fqn ?? [origin.package] + folders + [file.stem], rawCode: intake.code, firstLine: intake.firstLine, checksum: intake.checksum,
        template: intake.template, source: intake.source, plain: intake.plain, key: intake.key, stored: intake.stored)
    }
    switch origin.kind {
    case .model: return [input(.model)]
    case .singularTest: return [input(.test)]
    case .seed: return [input(.seed)]
    case .analysis:
      var analysis = input(.analysis, fqn: [origin.package, "analysis"] + folders + [file.stem])
      analysis.path = "analysis/" + file.relativePath
      return [analysis]
    case .pythonModel:
      var python = input(.model)
      python.language = "python"
      return [python]
    case .snapshot: return snapshots(intake, folders)
    default: return []
    }
  }

  /// The blocks of a snapshot file.
  private func snapshots(_ intake: Intake, _ folders: [String]) -> [NodeInput] {
    guard let template = intake.template else { return [] }
    let bytes = Array(template.source.utf8)
    return template.definitions.filter { $0.tag == "snapshot" }.compactMap { definition in
      let range = definition.bodyRange.clamped(to: 0..<bytes.count)
      let body = String(decoding: bytes[range], as: UTF8.self)
      let line = 1 + bytes[..<range.lowerBound].count { $0 == UInt8(ascii: "\n") }
      let origin = intake.origin
      // Line ends in front of the body keep the lines of its errors those of the file.
      guard
        let compiled = try? ProjectTemplates.environment.template(String(repeating: "\n", count: line - 1) + body, name: origin.displayPath)
      else { return nil }
      return NodeInput(
        type: .snapshot, package: origin.package, name: definition.name, path: origin.file.relativePath, originalFilePath: origin.file.path,
        displayPath: origin.displayPath, fqn: [origin.package] + folders + [origin.file.stem, definition.name], rawCode: body.trimmingBlanks,
        firstLine: line, checksum: intake.checksum, template: compiled)
    }
  }

  /// Snapshots that property files define: `relation` and `config`.
  private func yamlSnapshots() -> [NodeInput] {
    (entries["snapshots"] ?? []).compactMap { entry in
      guard let relation = entry.text("relation") else { return nil }
      let raw = relation.contains("(") ? "{{ \(relation) }}" : relation
      let code = "select * from \(raw)"
      do {
        let template = try ProjectTemplates.environment.template(code, name: entry.place.file ?? entry.file)
        return NodeInput(
          type: .snapshot, package: entry.package, name: entry.name, path: entry.file, originalFilePath: entry.file,
          displayPath: entry.place.file ?? entry.file, fqn: [entry.package] + entry.folders + [entry.name], rawCode: code,
          firstLine: entry.place.line ?? 1, checksum: Intake.checksum(code), template: template, patch: entry)
      } catch let error as Diagnostic {
        report(ConfigurationContext.placed(error, at: entry.path + ["relation"], in: entry.document))
        breakage.lose(entry.name)
        return nil
      } catch {
        report(error)
        breakage.lose(entry.name)
        return nil
      }
    }
  }

  /// Files of versioned models: by package and file name, the entry and the version.
  private func versions() -> [String: (entry: PropertyEntry, version: JSON)] {
    var found: [String: (entry: PropertyEntry, version: JSON)] = [:]
    for entry in entries["models"] ?? [] {
      let latest = NodeFactory.latestVersion(entry)
      for version in entry.array("versions") {
        guard let v = version["v"] else {
          report(entry.diagnostic("project.malformed-properties", "a version has no 'v'", at: ["versions"], hint: "write - v: 1"))
          continue
        }
        let file = version["defined_in"]?.string ?? "\(entry.name)_v\(v.plainText)"
        found["\(entry.package) \(file)"] = (entry, version)
        if v == latest, found["\(entry.package) \(entry.name)"] == nil { found["\(entry.package) \(entry.name)"] = (entry, version) }
      }
    }
    return found
  }

  /// Entries that describe nothing: told once everything is known.
  func reportUnmatchedProperties() {
    let kinds: [(key: String, types: Set<ResourceType>)] = [("models", [.model]), ("seeds", [.seed]), ("snapshots", [.snapshot]), ("analyses", [.analysis])]
    for (key, types) in kinds {
      for entry in entries[key] ?? [] where !matchedProperties.contains("\(key) \(entry.package) \(entry.name)") && entry.value["relation"] == nil {
        let names = manifest.nodes.values.filter { types.contains($0.resourceType) && $0.packageName == entry.package }.map(\.name)
        let disabled = manifest.disabled.values.contains { $0.contains { if case .node(let node) = $0 { node.name == entry.name } else { false } } }
        if disabled || breakage.explains(entry.name) { continue }
        report(
          entry.diagnostic(
            "project.unmatched-properties", "Did not find matching node for patch with name '\(entry.name)' in the '\(key)' section of file '\(entry.file)'",
            at: ["name"], hint: Suggestion.didYouMean(entry.name, among: names), severity: .warning))
      }
    }
  }
}

/// Which property entries belong to which files.
private struct Inputs {
  let models: [String: PropertyEntry]
  let seeds: [String: PropertyEntry]
  let snapshots: [String: PropertyEntry]
  let analyses: [String: PropertyEntry]
  let tests: [String: PropertyEntry]
  var versions: [String: (entry: PropertyEntry, version: JSON)] = [:]
  var matched: Set<String> = []

  init(
    models: [String: PropertyEntry], seeds: [String: PropertyEntry], snapshots: [String: PropertyEntry], analyses: [String: PropertyEntry],
    tests: [String: PropertyEntry]
  ) {
    self.models = models
    self.seeds = seeds
    self.snapshots = snapshots
    self.analyses = analyses
    self.tests = tests
  }

  mutating func complete(_ input: NodeInput) -> NodeInput {
    let key = "\(input.package) \(input.name)"
    var result = input
    switch input.type {
    case .model:
      if let (entry, version) = versions[key] {
        result.patch = entry
        result.version = version
        result.name = entry.name
        result.fqn = input.fqn.dropLast() + [entry.name, "v\(version["v"]?.plainText ?? "")"]
      } else {
        result.patch = models[key]
      }
    case .seed: result.patch = seeds[key]
    case .snapshot: result.patch = snapshots[key]
    case .analysis: result.patch = analyses[key]
    case .test: result.patch = tests[key]
    default: break
    }
    if let patch = result.patch { matched.insert("\(patch.kind) \(patch.package) \(patch.name)") }
    return result
  }
}
