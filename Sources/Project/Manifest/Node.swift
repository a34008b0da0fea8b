import DataFormats
import Diagnostics
import OrderedCollections

/// One thing of the project that is compiled or run: a model, seed, snapshot, test, analysis or operation.
///
/// Properties bear the names of dbt's manifest (v12) in Swift's spelling; `json` writes them out. A node is a reference to its
/// fields, copied when one of several holders changes it: projects hand around thousands of nodes.
public struct Node: Sendable, Hashable, Identifiable {
  private var storage: Storage

  private struct Fields: Sendable, Hashable {
    var uniqueID: String
    var resourceType: ResourceType
    var name: String
    var packageName: String
    var path: String
    var originalFilePath: String
    var rootPath: String = ""
    var fqn: [String] = []
    var rawCode: String = ""
    var language: String = "sql"
    var firstLine: Int = 1
    var checksum: Checksum = Checksum()
    var config: NodeConfiguration = NodeConfiguration()
    var unrenderedConfig: OrderedDictionary<String, JSON> = [:]
    var tags: [String] = []
    var meta: OrderedDictionary<String, JSON> = [:]
    var description: String = ""
    var docBlocks: [String] = []
    var columns: OrderedDictionary<String, ColumnDefinition> = [:]
    var patchPath: String?
    var docs: OrderedDictionary<String, JSON> = Node.shown
    var group: String?
    var access: String = "protected"
    var version: JSON?
    var latestVersion: JSON?
    var deprecationDate: String?
    var constraints: [JSON] = []
    var primaryKey: [String] = []
    var timeSpine: JSON?
    var database: String?
    var schema: String = ""
    var alias: String = ""
    var relationName: String?
    var refs: [Reference] = []
    var sources: [SourceReference] = []
    var dependsOnNodes: [String] = []
    var dependsOnMacros: [String] = []
    var testMetadata: TestMetadata?
    var columnName: String?
    var attachedNode: String?
    var fileKeyName: String?
    var index: Int?
    var location: SourceLocation = SourceLocation()
  }

  private static let shown: OrderedDictionary<String, JSON> = ["show": true, "node_color": nil]

  /// Changed only while one `Node` alone holds it.
  private final class Storage: @unchecked Sendable {
    var fields: Fields
    init(_ fields: Fields) { self.fields = fields }
  }

  /// The fields, this node's alone from now on.
  private var own: Fields {
    get { storage.fields }
    _modify {
      if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.fields) }
      yield &storage.fields
    }
  }

  /// `model.shop.orders`, `test.shop.not_null_orders_id.cf6c17daed`.
  public var uniqueID: String {
    get { storage.fields.uniqueID }
    _modify { yield &own.uniqueID }
  }
  /// What it is.
  public var resourceType: ResourceType {
    get { storage.fields.resourceType }
    _modify { yield &own.resourceType }
  }
  /// The name by which it is referred to.
  public var name: String {
    get { storage.fields.name }
    _modify { yield &own.name }
  }
  /// The package that it belongs to.
  public var packageName: String {
    get { storage.fields.packageName }
    _modify { yield &own.packageName }
  }
  /// The file, relative to its resource folder: `staging/stg_orders.sql`.
  public var path: String {
    get { storage.fields.path }
    _modify { yield &own.path }
  }
  /// The file, relative to the root of its package: `models/staging/stg_orders.sql`.
  public var originalFilePath: String {
    get { storage.fields.originalFilePath }
    _modify { yield &own.originalFilePath }
  }
  /// The root of its package, an absolute path.
  public var rootPath: String {
    get { storage.fields.rootPath }
    _modify { yield &own.rootPath }
  }
  /// Package, folders and name: what `+config` trees and selection by name go by.
  public var fqn: [String] {
    get { storage.fields.fqn }
    _modify { yield &own.fqn }
  }
  /// The code as written, without blanks around it; empty for seeds.
  public var rawCode: String {
    get { storage.fields.rawCode }
    _modify { yield &own.rawCode }
  }
  /// `sql`, or `python` for what scv refuses.
  public var language: String {
    get { storage.fields.language }
    _modify { yield &own.language }
  }
  /// The line of `originalFilePath` on which `rawCode` begins, counted from 1.
  public var firstLine: Int {
    get { storage.fields.firstLine }
    _modify { yield &own.firstLine }
  }
  /// The digest of the file.
  public var checksum: Checksum {
    get { storage.fields.checksum }
    _modify { yield &own.checksum }
  }

  /// The configuration of all levels, merged.
  public var config: NodeConfiguration {
    get { storage.fields.config }
    _modify { yield &own.config }
  }
  /// What the node itself sets (in its file and its properties): what state comparison looks at.
  public var unrenderedConfig: OrderedDictionary<String, JSON> {
    get { storage.fields.unrenderedConfig }
    _modify { yield &own.unrenderedConfig }
  }
  /// Tags of all levels.
  public var tags: [String] {
    get { storage.fields.tags }
    _modify { yield &own.tags }
  }
  /// `meta` of all levels.
  public var meta: OrderedDictionary<String, JSON> {
    get { storage.fields.meta }
    _modify { yield &own.meta }
  }
  /// The description, with `doc()` filled in.
  public var description: String {
    get { storage.fields.description }
    _modify { yield &own.description }
  }
  /// The documentation blocks that the description uses.
  public var docBlocks: [String] {
    get { storage.fields.docBlocks }
    _modify { yield &own.docBlocks }
  }
  /// The described columns, by name, in the order of the property file.
  public var columns: OrderedDictionary<String, ColumnDefinition> {
    get { storage.fields.columns }
    _modify { yield &own.columns }
  }
  /// `package://models/schema.yml` of the property file that describes it.
  public var patchPath: String? {
    get { storage.fields.patchPath }
    _modify { yield &own.patchPath }
  }
  /// Whether and how it shows in the documentation.
  public var docs: OrderedDictionary<String, JSON> {
    get { storage.fields.docs }
    _modify { yield &own.docs }
  }
  /// The group that owns it.
  public var group: String? {
    get { storage.fields.group }
    _modify { yield &own.group }
  }
  /// Who may `ref` it: `private`, `protected`, `public`.
  public var access: String {
    get { storage.fields.access }
    _modify { yield &own.access }
  }
  /// The version of a versioned model.
  public var version: JSON? {
    get { storage.fields.version }
    _modify { yield &own.version }
  }
  /// The newest version of a versioned model.
  public var latestVersion: JSON? {
    get { storage.fields.latestVersion }
    _modify { yield &own.latestVersion }
  }
  /// When the model retires.
  public var deprecationDate: String? {
    get { storage.fields.deprecationDate }
    _modify { yield &own.deprecationDate }
  }
  /// Constraints of the whole model.
  public var constraints: [JSON] {
    get { storage.fields.constraints }
    _modify { yield &own.constraints }
  }
  /// The columns of the primary key: what constraints say, or else those that tests make unique and not null.
  public var primaryKey: [String] {
    get { storage.fields.primaryKey }
    _modify { yield &own.primaryKey }
  }
  /// Columns that tell when a row is from, and similar annotations of the semantic layer.
  public var timeSpine: JSON? {
    get { storage.fields.timeSpine }
    _modify { yield &own.timeSpine }
  }

  /// The database of its relation.
  public var database: String? {
    get { storage.fields.database }
    _modify { yield &own.database }
  }
  /// The schema of its relation.
  public var schema: String {
    get { storage.fields.schema }
    _modify { yield &own.schema }
  }
  /// The name of its relation.
  public var alias: String {
    get { storage.fields.alias }
    _modify { yield &own.alias }
  }
  /// How the relation is written in SQL, quoted; nil for what makes none.
  public var relationName: String? {
    get { storage.fields.relationName }
    _modify { yield &own.relationName }
  }

  /// What it refers to, as written.
  public var refs: [Reference] {
    get { storage.fields.refs }
    _modify { yield &own.refs }
  }
  /// The sources that it reads, as written: source and table.
  public var sources: [SourceReference] {
    get { storage.fields.sources }
    _modify { yield &own.sources }
  }
  /// The unique ids of what must be built before it.
  public var dependsOnNodes: [String] {
    get { storage.fields.dependsOnNodes }
    _modify { yield &own.dependsOnNodes }
  }
  /// The unique ids of the macros that it calls.
  public var dependsOnMacros: [String] {
    get { storage.fields.dependsOnMacros }
    _modify { yield &own.dependsOnMacros }
  }

  /// Of a generic test: what it tests and with which arguments; nil otherwise.
  public var testMetadata: TestMetadata? {
    get { storage.fields.testMetadata }
    _modify { yield &own.testMetadata }
  }
  /// Of a generic test on a column: the column.
  public var columnName: String? {
    get { storage.fields.columnName }
    _modify { yield &own.columnName }
  }
  /// Of a generic test on a model, seed or snapshot: its unique id.
  public var attachedNode: String? {
    get { storage.fields.attachedNode }
    _modify { yield &own.attachedNode }
  }
  /// Of a generic test: the key under which its property file declared it.
  public var fileKeyName: String? {
    get { storage.fields.fileKeyName }
    _modify { yield &own.fileKeyName }
  }
  /// Of a hook: its place among the hooks of its kind.
  public var index: Int? {
    get { storage.fields.index }
    _modify { yield &own.index }
  }
  /// Where it is defined, for messages: the file and, if known, line and column.
  public var location: SourceLocation {
    get { storage.fields.location }
    _modify { yield &own.location }
  }

  /// Makes a node; what is not given is set afterwards.
  public init(
    uniqueID: String, resourceType: ResourceType, name: String, packageName: String, path: String, originalFilePath: String
  ) {
    storage = Storage(
      Fields(
        uniqueID: uniqueID, resourceType: resourceType, name: name, packageName: packageName, path: path, originalFilePath: originalFilePath))
  }

  /// Whether all fields are equal.
  public static func == (left: Node, right: Node) -> Bool { left.storage === right.storage || left.storage.fields == right.storage.fields }

  /// Hashes all fields.
  public func hash(into hasher: inout Hasher) { hasher.combine(storage.fields) }

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
