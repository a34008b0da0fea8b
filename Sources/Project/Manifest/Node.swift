import DataFormats
import Diagnostics
import OrderedCollections

/// One thing of the project that is compiled or run: a model, seed, snapshot, test, analysis or operation.
///
/// Properties bear the names of dbt's manifest (v12) in Swift's spelling; `json` writes them out.
public struct Node: Sendable, Hashable, Identifiable {
  /// `model.shop.orders`, `test.shop.not_null_orders_id.cf6c17daed`.
  public var uniqueID: String
  /// What it is.
  public var resourceType: ResourceType
  /// The name by which it is referred to.
  public var name: String
  /// The package that it belongs to.
  public var packageName: String
  /// The file, relative to its resource folder: `staging/stg_orders.sql`.
  public var path: String
  /// The file, relative to the root of its package: `models/staging/stg_orders.sql`.
  public var originalFilePath: String
  /// The root of its package, an absolute path.
  public var rootPath: String = ""
  /// Package, folders and name: what `+config` trees and selection by name go by.
  public var fqn: [String] = []
  /// The code as written, without blanks around it; empty for seeds.
  public var rawCode: String = ""
  /// `sql`, or `python` for what scv refuses.
  public var language: String = "sql"
  /// The line of `originalFilePath` on which `rawCode` begins, counted from 1.
  public var firstLine: Int = 1
  /// The digest of the file.
  public var checksum = Checksum()

  /// The configuration of all levels, merged.
  public var config = NodeConfiguration()
  /// What the node itself sets (in its file and its properties): what state comparison looks at.
  public var unrenderedConfig: OrderedDictionary<String, JSON> = [:]
  /// Tags of all levels.
  public var tags: [String] = []
  /// `meta` of all levels.
  public var meta: OrderedDictionary<String, JSON> = [:]
  /// The description, with `doc()` filled in.
  public var description: String = ""
  /// The documentation blocks that the description uses.
  public var docBlocks: [String] = []
  /// The described columns, by name, in the order of the property file.
  public var columns: OrderedDictionary<String, ColumnDefinition> = [:]
  /// `package://models/schema.yml` of the property file that describes it.
  public var patchPath: String?
  /// Whether and how it shows in the documentation.
  public var docs: OrderedDictionary<String, JSON> = ["show": true, "node_color": nil]
  /// The group that owns it.
  public var group: String?
  /// Who may `ref` it: `private`, `protected`, `public`.
  public var access: String = "protected"
  /// The version of a versioned model.
  public var version: JSON?
  /// The newest version of a versioned model.
  public var latestVersion: JSON?
  /// When the model retires.
  public var deprecationDate: String?
  /// Constraints of the whole model.
  public var constraints: [JSON] = []
  /// The columns of the primary key: what constraints say, or else those that tests make unique and not null.
  public var primaryKey: [String] = []
  /// Columns that tell when a row is from, and similar annotations of the semantic layer.
  public var timeSpine: JSON?

  /// The database of its relation.
  public var database: String?
  /// The schema of its relation.
  public var schema: String = ""
  /// The name of its relation.
  public var alias: String = ""
  /// How the relation is written in SQL, quoted; nil for what makes none.
  public var relationName: String?

  /// What it refers to, as written.
  public var refs: [Reference] = []
  /// The sources that it reads, as written: source and table.
  public var sources: [SourceReference] = []
  /// The unique ids of what must be built before it.
  public var dependsOnNodes: [String] = []
  /// The unique ids of the macros that it calls.
  public var dependsOnMacros: [String] = []

  /// Of a generic test: what it tests and with which arguments; nil otherwise.
  public var testMetadata: TestMetadata?
  /// Of a generic test on a column: the column.
  public var columnName: String?
  /// Of a generic test on a model, seed or snapshot: its unique id.
  public var attachedNode: String?
  /// Of a generic test: the key under which its property file declared it.
  public var fileKeyName: String?
  /// Of a hook: its place among the hooks of its kind.
  public var index: Int?
  /// Where it is defined, for messages: the file and, if known, line and column.
  public var location = SourceLocation()

  /// Makes a node; what is not given is set afterwards.
  public init(
    uniqueID: String, resourceType: ResourceType, name: String, packageName: String, path: String, originalFilePath: String
  ) {
    self.uniqueID = uniqueID
    self.resourceType = resourceType
    self.name = name
    self.packageName = packageName
    self.path = path
    self.originalFilePath = originalFilePath
  }

  /// The unique id.
  public var id: String { uniqueID }
  /// Whether it is a model that is inlined into its readers instead of being built.
  public var isEphemeral: Bool { resourceType == .model && config.materialized == "ephemeral" }
  /// Whether it becomes a relation of its own.
  public var isRelational: Bool { resourceType.isRefable && !isEphemeral }
  /// The name as people know it: versioned models with their version (`orders.v2`).
  public var searchName: String { version.map { "\(name).v\($0.plainText)" } ?? name }
  /// Where it is, with its unique id as subject.
  public var place: SourceLocation {
    SourceLocation(
      file: location.file ?? originalFilePath, line: location.line, column: location.column, subject: "\(resourceType.rawValue) \(name)")
  }
}

/// A digest of a file: SHA-256 of its text, or for big seeds the path alone, as dbt does it.
public struct Checksum: Sendable, Hashable {
  /// `sha256`, `path` or `none`.
  public var name: String
  /// The digest in lower-case hexadecimal, or the path.
  public var value: String

  /// Makes a checksum; by default of nothing.
  public init(name: String = "none", value: String = "") {
    self.name = name
    self.value = value
  }
}

/// A call of `ref`: `ref('shop', 'orders', version=2)`.
public struct Reference: Sendable, Hashable {
  /// The model, seed or snapshot.
  public var name: String
  /// The package, if given.
  public var package: String?
  /// The version, if given.
  public var version: JSON?

  /// Makes a reference.
  public init(name: String, package: String? = nil, version: JSON? = nil) {
    self.name = name
    self.package = package
    self.version = version
  }

  /// How it would be written in a template.
  public var description: String {
    let arguments = (package.map { ["'\($0)'"] } ?? []) + ["'\(name)'"] + (version.map { ["version=\($0.plainText)"] } ?? [])
    return "ref(\(arguments.joined(separator: ", ")))"
  }
}

/// A call of `source`: `source('stripe', 'charges')`.
public struct SourceReference: Sendable, Hashable {
  /// The source.
  public var source: String
  /// Its table.
  public var table: String

  /// Makes a reference.
  public init(source: String, table: String) {
    self.source = source
    self.table = table
  }
}

/// Which generic test a test node is an instance of.
public struct TestMetadata: Sendable, Hashable {
  /// The test: `not_null`.
  public var name: String
  /// The package in which it is looked up, if one was written: `dbt_utils`.
  public var namespace: String?
  /// Its arguments, `model` and `column_name` included, templates still unrendered.
  public var arguments: OrderedDictionary<String, JSON>

  /// Makes metadata of a generic test.
  public init(name: String, namespace: String? = nil, arguments: OrderedDictionary<String, JSON> = [:]) {
    self.name = name
    self.namespace = namespace
    self.arguments = arguments
  }
}

/// A described column of a node or source.
public struct ColumnDefinition: Sendable, Hashable {
  /// The column.
  public var name: String
  /// The description, with `doc()` filled in.
  public var description: String = ""
  /// Free annotations.
  public var meta: OrderedDictionary<String, JSON> = [:]
  /// The declared type; what contracts and unit tests go by.
  public var dataType: String?
  /// `not_null`, `unique`, `check`, …, as objects.
  public var constraints: [JSON] = []
  /// Whether the name must be quoted.
  public var quote: Bool?
  /// Tags; tests on the column inherit them.
  public var tags: [String] = []
  /// The column's `config`.
  public var config: OrderedDictionary<String, JSON> = [:]
  /// The time grain, for the semantic layer.
  public var granularity: String?
  /// The documentation blocks that the description uses.
  public var docBlocks: [String] = []

  /// Makes a column without properties.
  public init(name: String) {
    self.name = name
  }
}

extension JSON {
  /// Scalars as Python's `str` writes them in names and messages: `2`, `1.5`, `true` as `True`; containers as JSON.
  public var plainText: String {
    switch self {
    case .null: "None"
    case .bool(let flag): flag ? "True" : "False"
    case .int(let number): String(number)
    case .double(let number): String(number)
    case .number(let text), .string(let text): text
    case .array, .object: text()
    }
  }
}
