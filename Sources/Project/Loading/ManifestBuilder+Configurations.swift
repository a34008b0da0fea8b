import DataFormats
import Diagnostics
import OrderedCollections

/// Configurations are looked over for slips of the finger: values of the wrong type are errors, and keys that nobody knows
/// are warned of, as dbt deprecates them (docs.getdbt.com/reference/deprecations). Installed packages are left in peace:
/// whoever runs them cannot mend them.
extension ManifestBuilder {
  /// Looks over what `config()` in the file of a node says.
  func checkConfiguration(of node: Node, _ capture: Capture) {
    guard node.packageName == root.name else { return }
    var told = 0
    for (key, value) in capture.config where told < options.errorLimit {
      guard let call = capture.configPlaces[key] else { continue }
      let place = { self.place(ofKey: key, from: call) }
      if let complaint = ConfigurationKeys.complaint(key, value, node.resourceType) {
        var found = diagnostic(
          "project.bad-config", complaint.message, at: place(), in: sourceTexts[call.file ?? ""], length: key.count, hint: complaint.hint,
          subject: "\(node.resourceType.rawValue) \(node.name)")
        if ConfigurationKeys.isTolerated(key) { found.severity = .warning }
        report(found)
      } else if isStrange(key, node.resourceType) {
        told += 1
        var found = diagnostic(
          "project.unknown-key", "config() knows no key '\(key)'", at: place(), in: sourceTexts[call.file ?? ""], length: key.count,
          hint: strangeKeyHint(key, node.resourceType), subject: "\(node.resourceType.rawValue) \(node.name)")
        found.severity = .warning
        report(found, group: "config \(key)")
      }
    }
    checkMaterialization(of: node, capture)
    checkStrategy(of: node, capture)
    checkConstraints(of: node)
  }

  /// A view holds no constraints.
  private func checkConstraints(of node: Node) {
    guard node.resourceType == .model, node.config.isEnabled, node.config["contract"]?["enforced"]?.bool == true,
      !["table", "incremental"].contains(node.config.materialized),
      (node.columns.values.flatMap(\.constraints) + node.constraints).contains(where: { $0["warn_unsupported"]?.bool != false })
    else { return }
    report(
      Diagnostic(
        .configuration, "transform.constraints-ignored",
        "Constraint types are not supported for \(node.config.materialized) materializations and will be ignored", at: node.place,
        hint: "set 'warn_unsupported: false' on the constraint to hear no more of it, or make a table", severity: .warning),
      group: "constraints \(node.config.materialized)")
  }

  /// Batches of a microbatch model are cut out of what it reads by the times there.
  private func checkBatches() {
    for node in manifest.nodes.values
    where node.config.materialized == "incremental" && node.config.text("incremental_strategy") == "microbatch" && node.packageName == root.name {
      let hasTime = node.dependsOnNodes.contains { id in
        (manifest.nodes[id]?.config ?? manifest.sources[id]?.config)?.text("event_time") != nil
      }
      guard !hasTime else { continue }
      report(
        Diagnostic(
          .configuration, "project.unfiltered-batches",
          "The microbatch model '\(node.name)' has no 'ref' or 'source' input with an 'event_time' configuration.\n"
            + "This means no filtering can be applied and can result in unexpected duplicate records in the resulting microbatch model.", at: node.place,
          hint: "configure event_time of what it reads", severity: .warning))
    }
  }

  private func checkStrategy(of node: Node, _ capture: Capture) {
    guard node.config.isEnabled, node.config.materialized == "incremental", let name = node.config.text("incremental_strategy") else { return }
    let macro = "get_incremental_\(name.replacing("+", with: "_"))_sql"
    guard !ConfigurationKeys.strategies.contains(name), manifest.macroResolver.macro(named: macro, from: node.packageName) == nil, !breakage.explains(macro)
    else { return }
    let place = capture.configPlaces["incremental_strategy"].map { self.place(ofKey: "incremental_strategy", from: $0) } ?? node.place
    var found = diagnostic(
      "project.unknown-strategy", "there is no incremental strategy '\(name)'", at: place, in: place.line.flatMap { _ in sourceTexts[place.file ?? ""] },
      length: "incremental_strategy".count,
      hint: Suggestion.didYouMean(name, among: ConfigurationKeys.strategies)
        ?? "strategies are \(ConfigurationKeys.strategies.joined(separator: ", ")); others are macros named \(macro)", subject: "model \(node.name)")
    found.severity = .warning
    report(found, group: "strategy \(name)")
  }

  private func checkMaterialization(of node: Node, _ capture: Capture) {
    let name = node.config.materialized
    guard node.resourceType == .model, node.config.isEnabled, !ConfigurationKeys.materializations.contains(name),
      !ConfigurationKeys.foreignMaterializations.contains(name), manifest.macroResolver.materialization(named: name) == nil, !breakage.explains(name)
    else { return }
    let place = capture.configPlaces["materialized"].map { self.place(ofKey: "materialized", from: $0) } ?? node.place
    var found = diagnostic(
      "project.unknown-materialization", "there is no materialization '\(name)'", at: place, in: place.line.flatMap { _ in sourceTexts[place.file ?? ""] },
      length: "materialized".count,
      hint: Suggestion.didYouMean(name, among: ConfigurationKeys.materializations)
        ?? "define it: {% materialization \(name), default %} … {% endmaterialization %}",
      subject: "model \(node.name)")
    found.severity = .warning
    report(found, group: "materialization \(name)")
  }

  /// Looks over the configurations of dbt_project.yml and of property files.
  func checkConfigurations() {
    for entries in entries.values { entries.forEach { checkConfiguration(of: $0) } }
    checkBatches()
    guard let document = root.document, let top = document.value.object else { return }
    for (key, type) in ManifestBuilder.trees {
      guard let tree = top[key]?.object else { continue }
      let rendered = root.trees[key == "data_tests" ? "tests" : key]?.object ?? tree
      checkTree(tree, rendered, [.key(key)], type, document)
      if breakage.isEmpty, errors.isEmpty { checkUse(of: tree, [.key(key)], [], fqns(type), document) }
    }
  }

  /// The configuration trees of dbt_project.yml.
  private static let trees: [(key: String, type: ResourceType)] = [
    ("models", .model), ("seeds", .seed), ("snapshots", .snapshot), ("tests", .test), ("data_tests", .test), ("sources", .source),
    ("exposures", .exposure), ("unit_tests", .unitTest),
  ]

  // MARK: dbt_project.yml

  private func checkTree(
    _ tree: OrderedDictionary<String, JSON>, _ rendered: OrderedDictionary<String, JSON>, _ path: [YAMLDocument.Step], _ type: ResourceType,
    _ document: YAMLDocument
  ) {
    for (written, raw) in tree {
      let hasPlus = written.first == "+"
      if type == .exposure, path.count == 1, written == "meta" { continue }
      if !hasPlus, let inner = raw.object {
        checkTree(inner, rendered[written]?.object ?? inner, path + [.key(written)], type, document)
        continue
      }
      let key = NodeConfiguration.canonical(String(written.drop { $0 == "+" || $0 == " " }))
      if let complaint = ConfigurationKeys.complaint(key, rendered[written] ?? raw, type) {
        report(
          document.diagnostic(
            .compilation, "project.bad-config", complaint.message, at: path + [.key(written)], onKey: true, hint: complaint.hint,
            severity: ConfigurationKeys.isTolerated(key) ? .warning : .error))
      } else if isStrange(key, type) {
        report(
          document.diagnostic(
            .configuration, "project.unknown-key", "configurations know no key '\(written)'", at: path + [.key(written)], onKey: true,
            hint: strangeKeyHint(key, type, prefix: hasPlus ? "+" : ""), severity: .warning), group: "project \(key)")
      }
    }
  }

  /// The places of all things of a type, also of those that are switched off: package, folders, name.
  private func fqns(_ type: ResourceType) -> [[String]] {
    var found: [[String]] = []
    switch type {
    case .source: found = manifest.sources.values.map(\.fqn)
    case .exposure: found = manifest.exposures.values.map(\.fqn)
    case .unitTest: found = manifest.unitTests.values.map(\.fqn)
    default: found = manifest.nodes.values.filter { $0.resourceType == type }.map(\.fqn)
    }
    for entry in manifest.disabled.values.joined() {
      switch entry {
      case .node(let node) where node.resourceType == type: found.append(node.fqn)
      case .source(let source) where type == .source: found.append(source.fqn)
      case .exposure(let exposure) where type == .exposure: found.append(exposure.fqn)
      case .unitTest(let test) where type == .unitTest: found.append(test.fqn)
      default: break
      }
    }
    return found
  }

  /// Warns of the parts of a tree that configure nothing, because nothing stands in that place.
  private func checkUse(
    of tree: OrderedDictionary<String, JSON>, _ path: [YAMLDocument.Step], _ names: [String], _ fqns: [[String]], _ document: YAMLDocument
  ) {
    for (key, value) in tree where key.first != "+" {
      guard let inner = value.object, key != "meta" || path != ["exposures"] else { continue }
      let matching = fqns.filter { $0.count > names.count && $0[names.count] == key }
      guard matching.isEmpty else {
        checkUse(of: inner, path + [.key(key)], names + [key], matching, document)
        continue
      }
      guard ManifestBuilder.configures(inner), case .key(let kind)? = path.first else { continue }
      let others = Set(fqns.compactMap { $0.count > names.count ? $0[names.count] : nil })
      let isConfiguration = ConfigurationKeys.own(.model)[key] != nil
      let way = ([kind] + names + [key]).joined(separator: ".")
      report(
        document.diagnostic(
          .configuration, "project.unused-config", "Configuration paths exist in your dbt_project.yml file which do not apply to any resources:\n- \(way)",
          at: path + [.key(key)], onKey: true,
          hint: isConfiguration ? "write it as '+\(key)'" : Suggestion.didYouMean(key, among: others) ?? "remove it, or name a folder or resource that exists",
          severity: .warning))
    }
  }

  /// Whether a tree sets anything.
  private static func configures(_ tree: OrderedDictionary<String, JSON>) -> Bool {
    tree.contains { $0.key.first == "+" || ($0.value.object.map(configures) ?? true) }
  }

  // MARK: Property files

  private static let kinds: [String: ResourceType] = [
    "models": .model, "seeds": .seed, "snapshots": .snapshot, "analyses": .model, "sources": .source, "exposures": .exposure, "unit_tests": .unitTest,
  ]

  private func checkConfiguration(of entry: PropertyEntry) {
    guard entry.package == root.name, let type = ManifestBuilder.kinds[entry.kind] else { return }
    check(entry.value["config"], ["config"], type, entry)
    for list in ["tables", "versions"] {
      for (index, inner) in entry.array(list).enumerated() {
        check(inner["config"], [.key(list), .index(index), "config"], list == "tables" ? .source : type, entry)
        checkTests(inner, [.key(list), .index(index)], entry)
      }
    }
    checkTests(entry.value, [], entry)
  }

  /// The configurations of tests on something, and on its columns.
  private func checkTests(_ holder: JSON, _ steps: [YAMLDocument.Step], _ entry: PropertyEntry) {
    for key in ["tests", "data_tests"] {
      for (index, test) in (holder[key]?.array ?? []).enumerated() {
        guard let members = test.object else { continue }
        let isFlat = members["test_name"] != nil
        guard isFlat || members.count == 1, let name = members.keys.first else { continue }
        let arguments = isFlat ? test : members[name] ?? .null
        let path = steps + [.key(key), .index(index)] + (isFlat ? [] : [.key(name)])
        check(arguments["config"], path + ["config"], .test, entry)
        for (key, value) in arguments.object ?? [:] where ["severity", "store_failures", "store_failures_as", "limit", "enabled"].contains(key) {
          check([key: value], path, .test, entry)
        }
      }
    }
    for (index, column) in (holder["columns"]?.array ?? []).enumerated() where column.object != nil {
      checkTests(column, steps + ["columns", .index(index)], entry)
    }
  }

  private func check(_ config: JSON?, _ steps: [YAMLDocument.Step], _ type: ResourceType, _ entry: PropertyEntry) {
    for (written, value) in config?.object ?? [:] {
      let key = NodeConfiguration.canonical(String(written.drop { $0 == "+" }))
      if let complaint = ConfigurationKeys.complaint(key, value, type) {
        report(
          entry.diagnostic(
            "project.bad-config", complaint.message, at: steps + [.key(written)], onKey: true, hint: complaint.hint,
            severity: ConfigurationKeys.isTolerated(key) ? .warning : .error))
      } else if isStrange(key, type) {
        report(
          entry.diagnostic(
            "project.unknown-key", "'config' of \(entry.kind) knows no key '\(written)'", at: steps + [.key(written)], onKey: true,
            hint: strangeKeyHint(key, type), severity: .warning), group: "properties \(entry.kind) \(key)")
      }
    }
  }

  // MARK: Keys

  /// Whether nobody looks at a key: neither dbt, nor another engine, nor a macro of the project or its packages.
  private func isStrange(_ key: String, _ type: ResourceType) -> Bool {
    !ConfigurationKeys.isKnown(key, type) && !askedKeys.contains(key)
  }

  private func strangeKeyHint(_ key: String, _ type: ResourceType, prefix: String = "") -> String {
    let names = ConfigurationKeys.own(type).keys
    return Suggestion.didYouMean(prefix + key, among: names.map { prefix + $0 }) ?? "keys of your own go under \(prefix)meta"
  }

  /// The keys that templates ask `config` for: `config.get('key')`, `config.key`.
  func collectAskedKeys() -> Set<String> {
    var found: Set<String> = []
    for text in sourceTexts.values {
      var rest = text[...]
      while let at = rest.firstRange(of: "config") {
        rest = rest[at.upperBound...]
        guard rest.first == "." || rest.first == "[" else { continue }
        var after = rest.dropFirst()
        for method in ["get(", "require(", "meta_get(", "meta_require("] where after.hasPrefix(method) { after = after.dropFirst(method.count) }
        after = after.drop { " \n'\"".contains($0) }
        let name = after.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
        if !name.isEmpty { found.insert(NodeConfiguration.canonical(String(name))) }
      }
    }
    return found
  }

  /// Where a key is written in a call of `config` that begins at `call`; the call itself if it is not found.
  private func place(ofKey key: String, from call: SourceLocation) -> SourceLocation {
    guard let file = call.file, let line = call.line, let text = sourceTexts[file] else { return call }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let spellings = key == "pre-hook" || key == "post-hook" ? [key, key.replacing("-", with: "_")] : [key]
    for index in max(0, line - 1)..<min(lines.count, line + 60) where index < lines.count {
      let start =
        index == line - 1 ? lines[index].index(lines[index].startIndex, offsetBy: max(0, (call.column ?? 1) - 1), limitedBy: lines[index].endIndex) : nil
      let part = lines[index][(start ?? lines[index].startIndex)...]
      for spelling in spellings {
        guard let range = part.firstRange(of: spelling) else { continue }
        return SourceLocation(
          file: file, line: index + 1, column: lines[index].distance(from: lines[index].startIndex, to: range.lowerBound) + 1, subject: call.subject)
      }
    }
    return call
  }
}
