import DataFormats
import Diagnostics
import OrderedCollections

extension ManifestBuilder {
  /// The tables of declared sources.
  func addSources(_ factory: NodeFactory) {
    for entry in entries["sources"] ?? [] {
      guard entry.value["overrides"] == nil || entry.value["overrides"] == .null else { continue }
      for (index, table) in entry.array("tables").enumerated() {
        do {
          try addTable(table, at: ["tables", .index(index)], entry, factory)
        } catch {
          report(error)
          breakage.lose(table["name"]?.plainText ?? entry.name)
        }
      }
    }
  }

  private func addTable(_ table: JSON, at steps: [YAMLDocument.Step], _ entry: PropertyEntry, _ factory: NodeFactory) throws {
    guard let name = table["name"]?.plainText, table["name"] != .null else {
      throw entry.diagnostic("project.malformed-properties", "a table of source '\(entry.name)' has no name", at: steps, hint: "write - name: …")
    }
    let (entry, table) = overridden(entry, table, name)
    let id = "source.\(entry.package).\(entry.name).\(name)"
    var source = SourceDefinition(
      uniqueID: id, sourceName: entry.name, name: name, identifier: table["identifier"]?.string ?? name, packageName: entry.package,
      originalFilePath: entry.file)
    source.fqn = [entry.package] + entry.folders + [entry.name, name]
    source.location = entry.document.location(of: entry.path + steps)
    source.schema = entry.text("schema") ?? entry.name
    source.database = entry.text("database") ?? entry.text("catalog") ?? profile.database
    source.loader = table["loader"]?.string ?? entry.text("loader") ?? ""
    source.sourceDescription = entry.text("description") ?? ""
    source.sourceMeta = entry.configuration(["meta"])["meta"]?.object ?? [:]
    (source.description, source.docBlocks) = try factory.descriptions.render(table["description"]?.string ?? "", package: entry.package)
    source.columns = try factory.columns(table["columns"]?.array ?? [], entry, steps + ["columns"])
    source.external = table["external"].flatMap { $0 == .null ? nil : $0 }
    source.quoting = entry.object("quoting").merging(table["quoting"]?.object ?? [:]) { $1 }
    let beside = ["meta", "tags", "enabled", "event_time", "freshness", "loaded_at_field", "loaded_at_query"]
    let own = [entry.configuration(beside), PropertyEntry.configuration(table, beside)]
    var values = ConfigurationMerge.defaults(.source)
    for (key, value) in ["event_time": JSON.null, "freshness": .null, "loaded_at_field": .null, "loaded_at_query": .null, "meta": [:], "tags": []]
      as OrderedDictionary<String, JSON>
    {
      values[key] = value
    }
    let levels = factory.projectLevels(.source, package: entry.package, fqn: source.fqn)
    for level in levels.before + own.map({ $0.filter { $0.key != "freshness" } }) + levels.after { ConfigurationMerge.merge(level, into: &values) }
    for level in own { ConfigurationMerge.merge(level, into: &source.unrenderedConfig) }
    try checkLoadedAt(table, own[1], entry, steps, "table")
    try checkLoadedAt(entry.value, own[0], entry, [], "source")
    // Of the two, what stands nearer to the table counts, and a null of the table switches both off.
    let keys = ["loaded_at_field", "loaded_at_query"]
    func names(_ level: OrderedDictionary<String, JSON>) -> Bool { keys.contains { level[$0]?.string != nil } }
    let isOff = !names(own[1]) && keys.contains { table[$0] == .null }
    let nearest = isOff ? [:] : [own[1], own[0], values].first(where: names) ?? [:]
    source.loadedAtField = nearest["loaded_at_field"]?.string
    source.loadedAtQuery = nearest["loaded_at_query"]?.string
    for key in keys { values[key] = nearest[key] ?? .null }
    let rule = FreshnessRule(entry: entry, table: table, steps: steps)
    source.freshness = try rule.freshness(project: values["freshness"])
    let written = rule.written
    values["freshness"] = written == nil ? .null : (source.freshness ?? Freshness()).json
    // dbt has these here whether they are written or not.
    let nearestOwn = isOff ? [:] : own.last(where: names) ?? [:]
    for key in keys { source.unrenderedConfig[key] = nearestOwn[key] ?? .null }
    if source.unrenderedConfig["meta"] == nil { source.unrenderedConfig["meta"] = [:] }
    source.unrenderedConfig["tags"] = .texts(NodeConfiguration(source.unrenderedConfig).tags)
    if written?.isEmpty != true { source.unrenderedConfig["freshness"] = values["freshness"] }
    source.config = NodeConfiguration(values)
    source.tags = source.config.tags
    source.meta = values["meta"]?.object ?? [:]
    source.relationName = factory.relationNaming(source.schema, source.identifier)
    if source.freshness?.warnAfter != nil || source.freshness?.errorAfter != nil, nearest.isEmpty, source.config.isEnabled, entry.package == root.name {
      report(
        entry.diagnostic(
          "project.freshness-unknown",
          "The configured adapter does not support metadata-based freshness. A loaded_at_field must be specified for source '\(entry.name).\(name)'.",
          at: steps, hint: "add loaded_at_field: or loaded_at_query:, or freshness: null", severity: .warning), group: "freshness \(entry.name)")
    }
    guard source.config.isEnabled else {
      manifest.disabled[id, default: []].append(.source(source))
      return
    }
    if let earlier = manifest.sources[id] {
      throw entry.diagnostic(
        "project.duplicate-name", "dbt found two sources with the name \"\(entry.name)_\(name)\"", at: steps + ["name"],
        hint: "the other is at \(earlier.location.description): remove one of them", category: .compilation)
    }
    manifest.sources[id] = source
    let target = GenericTestTarget(
      entry: entry, steps: steps, value: table, isSource: true, name: name, sourceName: entry.name, version: nil, attachedNode: nil)
    pendingTests.append(target)
  }

  /// A column or a query, and not an empty name of one.
  private func checkLoadedAt(
    _ written: JSON, _ config: OrderedDictionary<String, JSON>, _ entry: PropertyEntry, _ steps: [YAMLDocument.Step], _ level: String
  ) throws {
    if written["loaded_at_field"] == "" {
      throw entry.diagnostic(
        "project.malformed-properties", "loaded_at_field cannot be an empty string", at: steps + ["loaded_at_field"],
        hint: "name a column, or write null to have none")
    }
    if config["loaded_at_field"]?.string != nil, config["loaded_at_query"]?.string != nil {
      throw entry.diagnostic(
        "project.malformed-properties", "Cannot specify both loaded_at_field and loaded_at_query at \(level) level", at: steps, hint: "keep one of them")
    }
  }

  /// What the root project says about a table of a package's source (`overrides: package`).
  private func overridden(_ entry: PropertyEntry, _ table: JSON, _ name: String) -> (PropertyEntry, JSON) {
    guard entry.package != root.name,
      let patch = (entries["sources"] ?? []).first(where: { $0.package == root.name && $0.name == entry.name && $0.text("overrides") == entry.package })
    else { return (entry, table) }
    var merged = entry
    for (key, value) in patch.value.object ?? [:] where !["name", "overrides", "tables"].contains(key) { merged.value[key] = value }
    var members = table.object ?? [:]
    for other in patch.array("tables") where other["name"]?.string == name {
      for (key, value) in other.object ?? [:] { members[key] = value }
    }
    return (merged, .object(members))
  }

  /// Groups.
  func addGroups() {
    for entry in entries["groups"] ?? [] {
      let id = "group.\(entry.package).\(entry.name)"
      if manifest.groups[id] != nil {
        report(
          entry.diagnostic(
            "project.duplicate-name", "dbt found two groups with the name \"\(entry.name)\"", at: ["name"], hint: "remove one of them", category: .compilation))
      }
      manifest.groups[id] = GroupDefinition(
        uniqueID: id, name: entry.name, packageName: entry.package, originalFilePath: entry.file, owner: entry.object("owner"),
        description: entry.text("description"), config: ["meta": entry.configuration(["meta"])["meta"] ?? .object([:])])
    }
  }

  /// Exposures.
  func addExposures(_ factory: NodeFactory) {
    for entry in entries["exposures"] ?? [] {
      do {
        try addExposure(entry, factory)
      } catch {
        report(error)
      }
    }
  }

  private func addExposure(_ entry: PropertyEntry, _ factory: NodeFactory) throws {
    let id = "exposure.\(entry.package).\(entry.name)"
    let types = ["dashboard", "notebook", "analysis", "ml", "application"]
    guard let type = entry.text("type")?.lowercased(), types.contains(type) else {
      throw entry.diagnostic(
        "project.malformed-properties", "exposure '\(entry.name)' has no valid type", at: ["type"], hint: "types are \(types.joined(separator: ", "))")
    }
    var exposure = Exposure(uniqueID: id, name: entry.name, packageName: entry.package, originalFilePath: entry.file, type: type)
    exposure.fqn = [entry.package] + entry.folders + [entry.name]
    exposure.location = entry.place
    exposure.owner = entry.object("owner")
    exposure.label = entry.text("label")
    exposure.maturity = entry.text("maturity")
    exposure.url = entry.text("url")
    exposure.description = try factory.descriptions.render(entry.text("description") ?? "", package: entry.package).text
    var values: OrderedDictionary<String, JSON> = ["enabled": true, "tags": .array([]), "meta": .object([:])]
    let own = entry.configuration(["meta", "tags", "enabled"])
    let levels = factory.projectLevels(.exposure, package: entry.package, fqn: exposure.fqn)
    // Of exposures alone dbt takes the meta of dbt_project.yml without a plus as well.
    let common = (packages[entry.package] ?? root).trees["exposures"]?["meta"].map { [["meta": $0] as OrderedDictionary<String, JSON>] } ?? []
    for level in common + levels.before + [own] + levels.after { ConfigurationMerge.merge(level, into: &values) }
    values["tags"] = .texts(Set(NodeConfiguration(values).tags).sorted())
    exposure.config = NodeConfiguration(values)
    exposure.unrenderedConfig = own
    exposure.tags = exposure.config.tags
    exposure.meta = values["meta"]?.object ?? [:]
    let capture = Capture()
    for (index, text) in entry.array("depends_on").enumerated() {
      let inner = text.plainText.trimmingBlanks
      let context = ParseContext(factory.parse, package: entry.package, model: [:])
      do {
        _ = try ProjectTemplates.render(ProjectTemplates.isTemplate(inner) ? inner : "{{ \(inner) }}", in: context.context, name: entry.file)
      } catch let error as Diagnostic {
        throw ConfigurationContext.placed(error, at: entry.path + ["depends_on", .index(index)], in: entry.document)
      }
      let place = entry.document.location(of: entry.path + ["depends_on", .index(index)])
      for reference in context.capture.refs { capture.add(reference, at: place) }
      for reference in context.capture.sources { capture.add(reference, at: place) }
      for metric in context.capture.metrics {
        capture.add(metric: metric)
      }
    }
    exposure.metrics = Array(capture.metrics)
    exposure.refs = capture.refs
    exposure.sources = capture.sources
    guard exposure.config.isEnabled else {
      manifest.disabled[id, default: []].append(.exposure(exposure))
      return
    }
    if manifest.exposures[id] != nil {
      throw entry.diagnostic(
        "project.duplicate-name", "dbt found two exposures with the name \"\(entry.name)\"", at: ["name"], hint: "rename one of them", category: .compilation)
    }
    places[id] = capture
    manifest.exposures[id] = exposure
  }
}
