import DataFormats
import Diagnostics
import Jinja
import OrderedCollections

/// What is known of a node before its template is read.
struct NodeInput: Sendable {
  var type: ResourceType
  var package: String
  var name: String
  var path: String
  var originalFilePath: String
  var displayPath: String
  var fqn: [String]
  var rawCode = ""
  var firstLine = 1
  var language = "sql"
  var checksum = Checksum()
  var template: Template?
  /// The text of the template, where it may not be compiled yet.
  var source = ""
  /// What the template says, if it is a plain one.
  var plain: PlainReading?
  /// The text, as `PartialState` knows it; nil for what it does not keep.
  var key: String?
  /// What the template said the last time.
  var stored: StoredReading?
  var patch: PropertyEntry?
  /// The element of the patch's `versions`, of a versioned model.
  var version: JSON?
}

/// A node and what its template said.
struct BuiltNode: Sendable {
  var node: Node
  var capture: Capture
  /// What its template said, as `PartialState` keeps it; nil for what it does not keep.
  var reading: StoredReading?
}

/// Makes nodes: template read, configuration merged, relation named. Works on many threads at a time.
struct NodeFactory: Sendable {
  let parse: ParseEnvironment
  let naming: RelationNaming
  let packages: OrderedDictionary<String, ProjectConfiguration>
  let root: ProjectConfiguration
  let descriptions: DescriptionRenderer
  /// How a relation is written in SQL, by schema and name.
  let relationNaming: @Sendable (String, String) -> String
  private let knownLevels = LevelCache()

  /// The node of `input`.
  ///
  /// - Throws: `Diagnostic`.
  func make(_ input: NodeInput) throws -> BuiltNode {
    var node = skeleton(input)
    let plain = plainCapture(input)
    let capture = try plain ?? read(input, node)
    let reading = plain == nil ? input.key.map { StoredReading(capture, key: $0, identity: identity(node), flags: parse.flagsText) } : nil
    try configure(&node, input, call: capture.config)
    try readHooks(node, into: capture)
    readConstraints(node, into: capture)
    node.refs = capture.refs
    node.sources = capture.sources
    node.dependsOnMacros = Array(capture.macros)
    return BuiltNode(node: node, capture: capture, reading: reading)
  }

  private func skeleton(_ input: NodeInput) -> Node {
    let version = input.version?["v"]
    let suffix = version.map { ".v\($0.plainText)" } ?? ""
    var node = Node(
      uniqueID: "\(input.type.rawValue).\(input.package).\(input.name)\(suffix)", resourceType: input.type, name: input.name,
      packageName: input.package, path: input.path, originalFilePath: input.originalFilePath)
    node.rootPath = packages[input.package]?.root ?? root.root
    node.fqn = input.fqn
    node.rawCode = input.rawCode
    node.firstLine = input.firstLine
    node.language = input.language
    node.checksum = input.checksum
    node.version = version
    node.location = SourceLocation(file: input.displayPath)
    return node
  }

  /// What a plain template says, unless the project has its own `ref`, `source` or `config`.
  private func plainCapture(_ input: NodeInput) -> Capture? {
    guard let plain = input.plain ?? input.template.flatMap({ PlainReading($0.source) }) else { return nil }
    let resolver = parse.macros.resolver
    for name in ["ref", "source", "config"] {
      if let id = resolver.macro(named: name, from: input.package), !resolver.isBuiltin(id) { return nil }
    }
    return plain.capture(file: input.template?.name ?? input.displayPath)
  }

  /// Reads a template by rendering it, unless what it said the last time still holds.
  private func read(_ input: NodeInput, _ node: Node) throws -> Capture {
    if let stored = input.stored, stored.identity == identity(node), stored.holds(parse.environment, flags: parse.flagsText) { return Capture(stored) }
    guard let template = try input.template ?? late(input) else { return Capture() }
    let resolver = parse.macros.resolver
    let context = ParseContext(parse, package: input.package, model: model(node))
    do {
      _ = try template.render(in: context.context)
    } catch var error as Diagnostic {
      if error.location?.subject == nil { error.location?.subject = "\(input.type.rawValue) \(input.name)" }
      if error.code == "jinja.undefined", error.hint == nil, error.message.hasPrefix("'"), error.message.hasSuffix("' is undefined") {
        let name = String(error.message.dropFirst().prefix { $0 != "'" })
        let names = Set([input.package, resolver.rootPackage, "dbt"].flatMap { resolver.names(in: $0) }).union(ParseContext.names)
        error.hint = Suggestion.didYouMean(name, among: names.filter { !$0.hasPrefix("test_") && !$0.contains("__") })
        let isPackage = error.window.map { $0.lines.contains { $0.contains(name + ".") } } ?? false
        if error.hint == nil, isPackage { error.hint = "if '\(name)' is a package, list it in packages.yml and run scv deps" }
      }
      throw error
    }
    MacroCalls.collect(template.body, resolver: resolver, package: input.package, into: &context.capture.macros)
    return context.capture
  }

  /// What a template knows of its node beside its text.
  private func identity(_ node: Node) -> String {
    ([node.uniqueID, node.name, node.path] + node.fqn).joined(separator: "\u{0}")
  }

  /// The template of a text that was known or plain, but does not say that as the node that it is now.
  private func late(_ input: NodeInput) throws -> Template? {
    input.stored == nil && input.plain == nil ? nil : try ProjectTemplates.environment.template(input.source, name: input.displayPath)
  }

  /// What the hooks of `node` refer to must be there before it too.
  ///
  /// A hook that only works while the node runs is not an error yet.
  private func readHooks(_ node: Node, into capture: Capture) throws {
    guard node.config.hasHooks else { return }
    let hooks = (node.config.preHooks + node.config.postHooks).filter { ProjectTemplates.isTemplate($0.sql) }
    guard !hooks.isEmpty else { return }
    let context = ParseContext(parse, package: node.packageName, model: model(node))
    for hook in hooks {
      guard let template = try? ProjectTemplates.environment.template(hook.sql, name: node.originalFilePath) else { continue }
      MacroCalls.collect(template.body, resolver: parse.macros.resolver, package: node.packageName, into: &capture.macros)
      _ = try? template.render(in: context.context)
    }
    for reference in context.capture.refs { capture.add(reference, at: node.place) }
    for reference in context.capture.sources { capture.add(reference, at: node.place) }
    guard node.resourceType != .seed || capture.refs.isEmpty && capture.sources.isEmpty else {
      throw Diagnostic(
        .parsing, "project.seed-dependency",
        "Seeds cannot depend on other nodes: dbt detected a seed with a pre- or post-hook that calls 'ref' or 'source', directly or through macros",
        at: node.place, hint: "let the hook name the relation itself, or move it to a model")
    }
  }

  /// The models that foreign keys point at: `to: ref('customers')`.
  private func readConstraints(_ node: Node, into capture: Capture) {
    guard !node.constraints.isEmpty || !node.columns.isEmpty else { return }
    let targets = (node.constraints + node.columns.values.flatMap(\.constraints)).compactMap { $0["to"]?.string }
    guard !targets.isEmpty else { return }
    let context = ParseContext(parse, package: node.packageName, model: model(node))
    for target in targets {
      _ = try? ProjectTemplates.render(ProjectTemplates.testArgument(target), in: context.context, name: node.originalFilePath)
    }
    for reference in context.capture.refs where !capture.refs.contains(reference) { capture.add(reference, at: node.place) }
    for reference in context.capture.sources where !capture.sources.contains(reference) { capture.add(reference, at: node.place) }
  }

  /// `model` as templates see it while they are read.
  func model(_ node: Node) -> OrderedDictionary<String, JSON> {
    [
      "unique_id": .string(node.uniqueID), "name": .string(node.name), "resource_type": .string(node.resourceType.rawValue),
      "package_name": .string(node.packageName), "path": .string(node.path), "original_file_path": .string(node.originalFilePath),
      "fqn": .array(node.fqn.map { .string($0) }), "alias": .string(node.name), "schema": .string(naming.profile.schema),
      "database": .string(naming.profile.database), "raw_code": .string(node.rawCode), "language": .string(node.language), "tags": [],
      "config": .object(ConfigurationMerge.defaults(node.resourceType)), "version": node.version ?? .null,
    ]
  }

  // MARK: Configuration

  /// The key of the configuration trees that apply to a type.
  static func tree(_ type: ResourceType) -> String {
    switch type {
    case .seed: "seeds"
    case .snapshot: "snapshots"
    case .test: "tests"
    case .source: "sources"
    case .exposure: "exposures"
    case .unitTest: "unit_tests"
    default: "models"
    }
  }

  /// Everything that `dbt_project.yml` files say about something, least specific first: before and after what it says itself.
  func projectLevels(
    _ type: ResourceType, package: String, fqn: [String], rendered: Bool = true
  ) -> (before: [OrderedDictionary<String, JSON>], after: [OrderedDictionary<String, JSON>]) {
    let key = NodeFactory.tree(type)
    func levels(_ configuration: ProjectConfiguration?) -> [OrderedDictionary<String, JSON>] {
      ConfigurationMerge.levels(rendered ? configuration?.trees[key] : configuration?.unrenderedTrees[key], fqn: fqn)
    }
    // The root project has the last word about its packages.
    return package == root.name ? (levels(root), []) : (levels(packages[package]), levels(root))
  }

  /// Merges all levels into the configuration of `node`, and copies to the node what dbt copies.
  func configure(_ node: inout Node, _ input: NodeInput, call: OrderedDictionary<String, JSON>) throws {
    var patch = input.patch.map { $0.configuration(NodeFactory.besideConfig) } ?? [:]
    if let version = input.version { ConfigurationMerge.merge(PropertyEntry.configuration(version, NodeFactory.besideConfig), into: &patch) }
    try finish(&node, own: [patch, call])
    if let entry = input.patch { try describe(&node, entry, version: input.version) }
    try ConfigurationCheck.check(node)
    try naming.name(&node)
    node.relationName = node.isRelational ? relationNaming(node.schema, node.alias) : nil
  }

  /// Keys of property files that may stand beside `config` as well as in it.
  static let besideConfig = ["meta", "tags", "docs", "group", "access"]

  /// The configuration of `node` from the project files and what it says itself.
  func finish(_ node: inout Node, own: [OrderedDictionary<String, JSON>]) throws {
    let levels = knownLevels.find(node) { projectLevels(node) }
    let own = own.filter { !$0.isEmpty }
    if own.isEmpty {
      node.config = levels.config
      node.unrenderedConfig = levels.unrendered
    } else {
      node.config = NodeFactory.configuration(levels.base, own + levels.after)
      // As it is written, level over level: this is what states are compared by.
      node.unrenderedConfig = NodeFactory.overlaid(levels.rawBase, own + levels.rawAfter)
    }
    // What is asked for on the command line is no part of the project.
    if node.resourceType == .sqlOperation, !node.config.isEnabled { node.config.values["enabled"] = true }
    if node.resourceType == .test { ConfigurationMerge.settleStorage(&node.config) }
    let config = node.config
    node.tags = config.tags
    node.meta = config.values["meta"]?.object ?? [:]
    node.docs = config.values["docs"]?.object ?? node.docs
    node.group = config.group
    if node.resourceType == .model, let access = node.config.text("access") {
      guard ["private", "protected", "public"].contains(access) else {
        throw Diagnostic(
          .parsing, "project.access", "Node \(node.uniqueID) has an invalid value (\(access)) for the access field", at: node.place,
          hint: "access is private, protected or public")
      }
      node.access = access
    }
  }

  /// What the project files say about `node` and all that stands beside it.
  private func projectLevels(_ node: Node) -> ProjectLevels {
    let (before, after) = projectLevels(node.resourceType, package: node.packageName, fqn: node.fqn)
    let raw = projectLevels(node.resourceType, package: node.packageName, fqn: node.fqn, rendered: false)
    var base = ConfigurationMerge.defaults(node.resourceType)
    if node.language == "python" { base["materialized"] = "table" }
    for level in before { ConfigurationMerge.merge(level, into: &base) }
    let rawBase = NodeFactory.overlaid([:], raw.before)
    return ProjectLevels(
      base: base, after: after, rawBase: rawBase, rawAfter: raw.after, config: NodeFactory.configuration(base, after),
      unrendered: NodeFactory.overlaid(rawBase, raw.after), names: namesBelow(node))
  }

  /// The names that the trees of the project files go on with where `node` stands.
  private func namesBelow(_ node: Node) -> Set<String> {
    let key = NodeFactory.tree(node.resourceType)
    var names: Set<String> = []
    for configuration in [root, packages[node.packageName]] {
      for tree in [configuration?.trees[key], configuration?.unrenderedTrees[key]] {
        var place = tree
        for part in node.fqn.dropLast() { place = place?[part] }
        for (name, value) in place?.object ?? [:] where value.object != nil { names.insert(name) }
      }
    }
    return names
  }

  /// A configuration of levels, one laid over the other.
  private static func configuration(
    _ base: OrderedDictionary<String, JSON>, _ levels: [OrderedDictionary<String, JSON>]
  ) -> NodeConfiguration {
    var values = base
    for level in levels { ConfigurationMerge.merge(level, into: &values) }
    for key in ["pre-hook", "post-hook"] where values[key] != nil && values[key] != .array([]) {
      values[key] = .array(Hook.list(values[key]).map(\.json))
    }
    return NodeConfiguration(values)
  }

  private static func overlaid(
    _ base: OrderedDictionary<String, JSON>, _ levels: [OrderedDictionary<String, JSON>]
  ) -> OrderedDictionary<String, JSON> {
    var values = base
    for level in levels { for (key, value) in level { values[NodeConfiguration.canonical(key)] = value } }
    return values
  }

  /// Descriptions, columns and constraints of a property file.
  func describe(_ node: inout Node, _ entry: PropertyEntry, version: JSON?) throws {
    node.patchPath = entry.patchPath
    let text = version?["description"]?.string ?? entry.text("description") ?? ""
    (node.description, node.docBlocks) = try described(text, entry, ["description"])
    node.columns = try columns(entry.array("columns"), entry, ["columns"])
    if let overriding = version?["columns"]?.array { node.columns = try versionColumns(overriding, node.columns, entry) }
    node.constraints = version?["constraints"]?.array ?? entry.array("constraints")
    node.latestVersion = entry.value["versions"]?.array == nil ? nil : NodeFactory.latestVersion(entry)
    node.deprecationDate = version?["deprecation_date"]?.string ?? entry.text("deprecation_date")
    node.timeSpine = entry.value["time_spine"]
  }

  /// `latest_version`, or the greatest of the versions.
  static func latestVersion(_ entry: PropertyEntry) -> JSON? {
    if let latest = entry.value["latest_version"], latest != .null { return latest }
    return entry.array("versions").compactMap { $0["v"] }.max { NodeFactory.precedes($0, $1) }
  }

  /// Whether one version comes before another: numbers by value, before texts.
  static func precedes(_ left: JSON, _ right: JSON) -> Bool {
    let numbers = (left.double ?? Double(left.plainText), right.double ?? Double(right.plainText))
    switch numbers {
    case (let left?, let right?): return left < right
    case (nil, nil): return left.plainText < right.plainText
    case (let left, _): return left != nil
    }
  }

  private func described(_ text: String, _ entry: PropertyEntry, _ steps: [YAMLDocument.Step]) throws -> (String, [String]) {
    do {
      let (rendered, blocks) = try descriptions.render(text, package: entry.package)
      return (rendered, blocks)
    } catch let error as Diagnostic {
      throw ConfigurationContext.placed(error, at: entry.path + steps, in: entry.document)
    }
  }

  /// The described columns of an entry.
  func columns(_ list: [JSON], _ entry: PropertyEntry, _ steps: [YAMLDocument.Step]) throws -> OrderedDictionary<String, ColumnDefinition> {
    var columns = OrderedDictionary<String, ColumnDefinition>(minimumCapacity: list.count)
    for (index, value) in list.enumerated() {
      guard let name = value["name"], name != .null else {
        if value["include"] != nil { continue }
        throw entry.diagnostic("project.malformed-properties", "a column has no name", at: steps + [.index(index)], hint: "write - name: …")
      }
      var column = ColumnDefinition(name: name.plainText)
      if let text = value["description"]?.string, !text.isEmpty {
        (column.description, column.docBlocks) = try described(text, entry, steps + [.index(index), "description"])
      }
      column.dataType = value["data_type"]?.string
      column.quote = value["quote"]?.bool
      column.constraints = value["constraints"]?.array ?? []
      column.granularity = value["granularity"]?.string
      var config: OrderedDictionary<String, JSON> = ["meta": .object([:]), "tags": .array([])]
      ConfigurationMerge.merge(PropertyEntry.configuration(value, ["meta", "tags"]), into: &config)
      column.config = config
      column.meta = config["meta"]?.object ?? [:]
      column.tags = config["tags"]?.array?.compactMap(\.string) ?? []
      columns[column.name] = column
    }
    return columns
  }

  /// The columns of one version: those of the model that `include` and `exclude` leave, and its own.
  private func versionColumns(
    _ list: [JSON], _ base: OrderedDictionary<String, ColumnDefinition>, _ entry: PropertyEntry
  ) throws -> OrderedDictionary<String, ColumnDefinition> {
    guard let rule = list.first(where: { $0["include"] != nil }) else { return try columns(list, entry, ["versions"]) }
    let excluded = Set(rule["exclude"]?.array?.compactMap(\.string) ?? [])
    let included = rule["include"]?.array.map { Set($0.compactMap(\.string)) }
    var result = base.filter { !excluded.contains($0.key) && included?.contains($0.key) ?? true }
    for (name, column) in try columns(list, entry, ["versions"]) { result[name] = column }
    return result
  }
}
