import DataFormats
import OrderedCollections

/// What becomes of the members of an object one after the other: a tree, or text.
protocol MemberSink {
  mutating func member(_ key: StaticString, _ value: JSON)
  mutating func member(_ key: StaticString, _ text: String)
  mutating func member(_ key: StaticString, _ texts: [String])
  mutating func member(_ key: StaticString, _ members: OrderedDictionary<String, JSON>)
  mutating func member(_ key: StaticString, _ configuration: NodeConfiguration)
  /// A member that is an object itself, of what `body` puts into it.
  mutating func object(_ key: StaticString, _ body: (inout Self) -> Void)
}

extension MemberSink {
  mutating func member(_ key: StaticString, _ text: String?) {
    if let text { member(key, text) } else { member(key, JSON.null) }
  }
}

/// Members become a tree.
private struct TreeSink: MemberSink {
  var members = OrderedDictionary<String, JSON>(minimumCapacity: 40)

  mutating func member(_ key: StaticString, _ value: JSON) { members[key.description] = value }
  mutating func member(_ key: StaticString, _ text: String) { members[key.description] = .string(text) }
  mutating func member(_ key: StaticString, _ texts: [String]) { members[key.description] = .texts(texts) }
  mutating func member(_ key: StaticString, _ object: OrderedDictionary<String, JSON>) { members[key.description] = .object(object) }
  mutating func member(_ key: StaticString, _ configuration: NodeConfiguration) { members[key.description] = .object(configuration.values) }

  mutating func object(_ key: StaticString, _ body: (inout TreeSink) -> Void) {
    var inner = TreeSink(members: [:])
    body(&inner)
    members[key.description] = .object(inner.members)
  }
}

/// Members become text at once; keys need no escapes.
private struct TextSink: MemberSink {
  private(set) var bytes: [UInt8] = []
  private var isFirst = true
  /// The last configuration and its text: many nodes share one.
  private var written: (configuration: NodeConfiguration, text: [UInt8])?

  /// Appends an object of what `body` puts into it.
  mutating func write(to bytes: inout [UInt8], _ body: (inout TextSink) -> Void) {
    swap(&self.bytes, &bytes)
    braced(body)
    swap(&self.bytes, &bytes)
  }

  private mutating func braced(_ body: (inout TextSink) -> Void) {
    bytes.append(UInt8(ascii: "{"))
    isFirst = true
    body(&self)
    bytes.append(UInt8(ascii: "}"))
    isFirst = false
  }

  private mutating func key(_ key: StaticString) {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
    bytes.append(UInt8(ascii: "\""))
    key.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  mutating func member(_ key: StaticString, _ value: JSON) {
    self.key(key)
    value.write(to: &bytes)
  }

  mutating func member(_ key: StaticString, _ text: String) {
    self.key(key)
    JSON.writeQuoted(text, to: &bytes)
  }

  mutating func member(_ key: StaticString, _ texts: [String]) {
    self.key(key)
    JSON.writeTexts(texts, to: &bytes)
  }

  mutating func member(_ key: StaticString, _ object: OrderedDictionary<String, JSON>) {
    self.key(key)
    JSON.writeObject(object, to: &bytes)
  }

  mutating func member(_ key: StaticString, _ configuration: NodeConfiguration) {
    self.key(key)
    if let written, written.configuration.isShared(with: configuration) {
      bytes += written.text
      return
    }
    let start = bytes.count
    JSON.writeObject(configuration.values, to: &bytes)
    written = (configuration, Array(bytes[start...]))
  }

  mutating func object(_ key: StaticString, _ body: (inout TextSink) -> Void) {
    self.key(key)
    braced(body)
  }
}

/// Writes nodes as dbt's manifest holds them, one after the other: what many have in common is put into words once.
public struct NodeWriter {
  private var sink = TextSink()

  /// A writer that has written nothing yet.
  public init() {}

  /// Appends a node.
  ///
  /// - Parameter compiled: what the node became in a run; nil if it was not compiled.
  public mutating func write(_ node: Node, compiled: Node.CompiledCode?, to bytes: inout [UInt8]) {
    sink.write(to: &bytes) { sink in
      node.describe(to: &sink, compiledPath: compiled?.path)
      guard node.resourceType != .seed else { return }
      sink.member("compiled", .bool(compiled != nil))
      if let compiled { sink.member("compiled_code", compiled.text) }
      sink.member("extra_ctes_injected", .bool(compiled != nil))
      sink.member("extra_ctes", JSON.array([]))
    }
  }
}

extension Node {
  /// What a run adds to a node: its SQL, and the file that holds it.
  public struct CompiledCode: Sendable {
    var text: String
    var path: String

    /// The SQL, and the path of its file.
    public init(_ text: String, path: String) {
      self.text = text
      self.path = path
    }
  }

  /// The node as dbt's manifest (v12) holds it, before it is compiled; also what templates see as `model` and in `graph`.
  public var json: JSON {
    var sink = TreeSink()
    describe(to: &sink, compiledPath: nil)
    return .object(sink.members)
  }

  fileprivate func describe(to sink: inout some MemberSink, compiledPath: String?) {
    sink.member("database", database)
    sink.member("schema", schema)
    sink.member("name", name)
    sink.member("resource_type", resourceType.rawValue)
    sink.member("package_name", packageName)
    sink.member("path", path)
    sink.member("original_file_path", originalFilePath)
    sink.member("unique_id", uniqueID)
    sink.member("fqn", fqn)
    sink.member("alias", alias)
    sink.object("checksum") { sink in
      sink.member("name", checksum.name)
      sink.member("checksum", checksum.value)
    }
    sink.member("config", config)
    sink.member("tags", tags)
    sink.member("description", description)
    sink.member("columns", columns.isEmpty ? [:] : columns.mapValues(\.json))
    sink.member("meta", meta)
    sink.member("group", group)
    sink.member("docs", docs)
    sink.member("patch_path", patchPath)
    sink.member("build_path", JSON.null)
    sink.member("unrendered_config", unrenderedConfig)
    sink.member("created_at", .int(0))
    sink.member("relation_name", relationName)
    sink.member("raw_code", rawCode)
    sink.member("doc_blocks", docBlocks)
    switch resourceType {
    case .seed:
      sink.member("root_path", rootPath)
      sink.object("depends_on") { $0.member("macros", dependsOnMacros) }
      return
    default:
      sink.member("language", language)
      sink.member("refs", JSON.array(refs.map(\.json)))
      sink.member("sources", JSON.array(sources.map { .texts([$0.source, $0.table]) }))
      sink.member("metrics", JSON.array([]))
      sink.object("depends_on") { sink in
        sink.member("macros", dependsOnMacros)
        sink.member("nodes", dependsOnNodes)
      }
      sink.member("compiled_path", compiledPath)
      // `contract` with a digest of its columns.
      let contract = config["contract"]
      sink.object("contract") { sink in
        sink.member("enforced", .bool(contract?["enforced"]?.bool ?? false))
        sink.member("alias_types", .bool(contract?["alias_types"]?.bool ?? true))
        let isEnforced = contract?["enforced"]?.bool == true && resourceType == .model
        sink.member("checksum", isEnforced ? .string(ContractDigest.text(self)) : JSON.null)
      }
    }
    switch resourceType {
    case .model:
      sink.member("access", access)
      sink.member("constraints", JSON.array(constraints))
      sink.member("version", version ?? .null)
      sink.member("latest_version", latestVersion ?? .null)
      sink.member("deprecation_date", deprecationDate)
      sink.member("primary_key", primaryKey)
      sink.member("time_spine", timeSpine ?? .null)
    case .test where testMetadata != nil:
      sink.member("column_name", columnName)
      sink.member("file_key_name", fileKeyName)
      sink.member("attached_node", attachedNode)
      let metadata: JSON? = testMetadata.map {
        ["name": .string($0.name), "kwargs": .object($0.arguments), "namespace": .optional($0.namespace)]
      }
      sink.member("test_metadata", metadata ?? .null)
    case .operation:
      sink.member("index", index.map { .int(Int64($0)) } ?? .null)
    default: break
    }
  }
}

extension ColumnDefinition {
  /// The column as dbt's manifest holds it.
  public var json: JSON {
    [
      "name": .string(name), "description": .string(description), "meta": .object(meta), "data_type": .optional(dataType),
      "constraints": .array(constraints), "quote": quote.map { .bool($0) } ?? .null, "config": .object(config), "tags": .texts(tags),
      "granularity": .optional(granularity), "doc_blocks": .texts(docBlocks),
    ]
  }
}

extension Reference {
  /// The reference as dbt's manifest holds it.
  public var json: JSON { ["name": .string(name), "package": .optional(package), "version": version ?? .null] }
}

extension SourceDefinition {
  /// The table as dbt's manifest holds it.
  public var json: JSON {
    [
      "database": .optional(database), "schema": .string(schema), "name": .string(name), "resource_type": "source",
      "package_name": .string(packageName), "path": .string(originalFilePath), "original_file_path": .string(originalFilePath),
      "unique_id": .string(uniqueID), "fqn": .texts(fqn), "source_name": .string(sourceName), "source_description": .string(sourceDescription),
      "loader": .string(loader), "identifier": .string(identifier),
      "quoting": [
        "database": quoting["database"] ?? .null, "schema": quoting["schema"] ?? .null, "identifier": quoting["identifier"] ?? .null,
        "column": quoting["column"] ?? .null,
      ],
      "loaded_at_field": .optional(loadedAtField), "loaded_at_query": .optional(loadedAtQuery), "freshness": (freshness ?? Freshness()).json,
      "external": external ?? .null, "description": .string(description), "columns": .object(columns.mapValues(\.json)), "meta": .object(meta),
      "source_meta": .object(sourceMeta), "tags": .texts(tags), "config": .object(config.values), "patch_path": nil,
      "unrendered_config": .object(unrenderedConfig), "relation_name": .string(relationName), "created_at": 0, "unrendered_database": nil,
      "unrendered_schema": nil, "doc_blocks": .texts(docBlocks),
    ]
  }
}

extension Freshness {
  /// The rule as dbt's manifest holds it.
  public var json: JSON {
    func period(_ period: Period?) -> JSON {
      ["count": period.map { .int(Int64($0.count)) } ?? .null, "period": period.map { .string($0.period) } ?? .null]
    }
    return ["warn_after": period(warnAfter), "error_after": period(errorAfter), "filter": .optional(filter)]
  }
}

extension ProjectMacro {
  /// The macro as dbt's manifest holds it.
  public var json: JSON {
    var sink = TreeSink()
    describe(to: &sink)
    return .object(sink.members)
  }

  /// Appends the macro as dbt's manifest holds it.
  public func write(to bytes: inout [UInt8]) {
    var sink = TextSink()
    sink.write(to: &bytes) { describe(to: &$0) }
  }

  private func describe(to sink: inout some MemberSink) {
    sink.member("name", name)
    sink.member("resource_type", "macro")
    sink.member("package_name", packageName)
    sink.member("path", originalFilePath)
    sink.member("original_file_path", originalFilePath)
    sink.member("unique_id", uniqueID)
    sink.member("macro_sql", macroSQL)
    sink.object("depends_on") { $0.member("macros", dependsOnMacros) }
    sink.member("description", description)
    sink.member("meta", meta)
    sink.member("docs", docs)
    sink.member("patch_path", patchPath)
    sink.member("arguments", JSON.array(arguments))
    sink.member("created_at", .int(0))
    sink.member("supported_languages", supportedLanguages.map { .texts($0) } ?? .null)
  }
}

extension DocumentationBlock {
  /// The block as dbt's manifest holds it.
  public var json: JSON {
    [
      "name": .string(name), "resource_type": "doc", "package_name": .string(packageName), "path": .string(path),
      "original_file_path": .string(originalFilePath), "unique_id": .string(uniqueID), "block_contents": .string(contents),
    ]
  }
}

extension Exposure {
  /// The exposure as dbt's manifest holds it.
  public var json: JSON {
    [
      "name": .string(name), "resource_type": "exposure", "package_name": .string(packageName), "path": .string(originalFilePath),
      "original_file_path": .string(originalFilePath), "unique_id": .string(uniqueID), "fqn": .texts(fqn), "type": .string(type),
      "owner": .object(owner), "description": .string(description), "label": .optional(label), "maturity": .optional(maturity),
      "meta": .object(meta), "tags": .texts(tags), "config": .object(config.values), "unrendered_config": .object(unrenderedConfig),
      "url": .optional(url), "depends_on": ["macros": [], "nodes": .texts(dependsOnNodes)], "refs": .array(refs.map(\.json)),
      "sources": .array(sources.map { .texts([$0.source, $0.table]) }), "metrics": .array(metrics.map { .texts($0) }),
      "created_at": 0,
    ]
  }
}

extension GroupDefinition {
  /// The group as dbt's manifest holds it.
  public var json: JSON {
    [
      "name": .string(name), "resource_type": "group", "package_name": .string(packageName), "path": .string(originalFilePath),
      "original_file_path": .string(originalFilePath), "unique_id": .string(uniqueID), "owner": .object(owner), "description": .optional(description),
      "config": .object(config),
    ]
  }
}

extension UnitTest {
  /// The unit test as dbt's manifest holds it.
  public var json: JSON {
    [
      "name": .string(name), "resource_type": "unit_test", "package_name": .string(packageName), "path": .string(originalFilePath),
      "original_file_path": .string(originalFilePath), "unique_id": .string(uniqueID), "fqn": .texts(fqn), "model": .string(model),
      "description": .string(description), "given": .array(given.map(\.json)), "expect": expect.json,
      "overrides": overrides.isEmpty
        ? .null : ["macros": overrides["macros"] ?? [:], "vars": overrides["vars"] ?? [:], "env_vars": overrides["env_vars"] ?? [:]],
      "depends_on": ["macros": [], "nodes": .texts(dependsOnNodes)], "config": .object(config.values), "checksum": .optional(checksum),
      "schema": .optional(schema), "created_at": 0, "versions": nil, "version": version ?? .null,
    ]
  }
}

extension UnitTest.Fixture {
  /// The fixture as dbt's manifest holds it.
  public var json: JSON {
    var members: OrderedDictionary<String, JSON> = [:]
    if let input { members["input"] = .string(input) }
    members["rows"] = rows
    members["format"] = .string(format.rawValue)
    members["fixture"] = .optional(fixture)
    return .object(members)
  }
}

extension JSON {
  /// A text, or null.
  static func optional(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }

  /// A list of texts.
  static func texts(_ list: [String]) -> JSON { .array(list.map(JSON.string)) }
}
