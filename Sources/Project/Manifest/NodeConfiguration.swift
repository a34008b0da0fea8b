import DataFormats
import OrderedCollections

/// The configuration of a node: every key that dbt knows with its default, then whatever else the user set, in this order.
///
/// Keys stand as in dbt's manifest (`materialized`, `unique_key`, `pre-hook`, `post-hook`, …). The properties read the keys
/// that scv itself acts on; anything else is reached by subscript.
///
/// A configuration is a reference to its values, which thousands of nodes may share; what is asked of every node again and
/// again is found in them once.
public struct NodeConfiguration: Sendable, Hashable {
  private var storage: Storage

  private final class Storage: Sendable {
    let values: OrderedDictionary<String, JSON>
    let isEnabled: Bool
    let materialized: String
    let schema: String?
    let database: String?
    let alias: String?
    let hasHooks: Bool

    init(_ values: OrderedDictionary<String, JSON>) {
      func known(_ key: String) -> JSON? { values[key].flatMap { $0 == .null ? nil : $0 } }
      self.values = values
      isEnabled = NodeConfiguration.flag(known("enabled")) ?? true
      materialized = NodeConfiguration.text(known("materialized")) ?? "view"
      schema = NodeConfiguration.text(known("schema"))
      database = NodeConfiguration.text(known("database"))
      alias = NodeConfiguration.text(known("alias"))
      hasHooks = ["pre-hook", "post-hook"].contains { (known($0) ?? .array([])) != .array([]) }
    }
  }

  private static let empty = Storage([:])

  /// All keys and values.
  public var values: OrderedDictionary<String, JSON> {
    get { storage.values }
    set { storage = Storage(newValue) }
  }

  /// A configuration of just these values.
  public init(_ values: OrderedDictionary<String, JSON> = [:]) {
    storage = values.isEmpty ? NodeConfiguration.empty : Storage(values)
  }

  /// Whether both have the same values.
  public static func == (left: NodeConfiguration, right: NodeConfiguration) -> Bool {
    left.isShared(with: right) || left.values == right.values
  }

  /// Hashes the values.
  public func hash(into hasher: inout Hasher) { hasher.combine(values) }

  /// Whether both are the very same, which is quickly found out.
  func isShared(with other: NodeConfiguration) -> Bool { storage === other.storage }

  /// The value of a key; nil if it is absent or null. `pre_hook` and `post_hook` name `pre-hook` and `post-hook`.
  public subscript(key: String) -> JSON? {
    get {
      let value = values[NodeConfiguration.canonical(key)]
      return value == .null ? nil : value
    }
    set { values[NodeConfiguration.canonical(key)] = newValue ?? .null }
  }

  /// The name under which a key is kept.
  static func canonical(_ key: String) -> String {
    switch key {
    case "pre_hook": "pre-hook"
    case "post_hook": "post-hook"
    default: key
    }
  }

  /// The value of a key as text, numbers and booleans written out; nil if absent, null or a container.
  public func text(_ key: String) -> String? { NodeConfiguration.text(self[key]) }

  private static func text(_ value: JSON?) -> String? {
    switch value {
    case .string(let text): text
    case .int(let number): String(number)
    case .double(let number): String(number)
    case .number(let text): text
    case .bool(let flag): flag ? "true" : "false"
    default: nil
    }
  }

  /// The value of a key as a truth value; nil if absent, null or none.
  public func flag(_ key: String) -> Bool? { NodeConfiguration.flag(self[key]) }

  /// A value as a truth value; nil if it is none.
  static func flag(_ value: JSON?) -> Bool? {
    switch value {
    case .bool(let flag): flag
    case .int(let number): number != 0
    case .string(let text):
      switch text.lowercased() {
      case "true", "yes", "on", "1": true
      case "false", "no", "off", "0": false
      default: nil
      }
    default: nil
    }
  }

  /// The value of a key as a list of texts: a single text is a list of one; empty if absent.
  public func list(_ key: String) -> [String] { NodeConfiguration.list(self[key]) }

  /// A value as a list of texts.
  static func list(_ value: JSON?) -> [String] {
    switch value {
    case .string(let text): [text]
    case .array(let elements): elements.compactMap(\.string)
    default: []
    }
  }

  /// Whether the node takes part at all.
  public var isEnabled: Bool { storage.isEnabled }
  /// How the node becomes a relation: `view`, `table`, `incremental`, `ephemeral`, `seed`, `snapshot`, `test`, or a custom one.
  public var materialized: String { storage.materialized }
  /// The custom schema, before `generate_schema_name`.
  public var schema: String? { storage.schema }
  /// The custom database, before `generate_database_name`.
  public var database: String? { storage.database }
  /// The custom alias, before `generate_alias_name`.
  public var alias: String? { storage.alias }
  /// Tags of every level, each once.
  public var tags: [String] { list("tags") }
  /// The group that owns the node.
  public var group: String? { text("group") }
  /// `severity` of a test in upper case; `ERROR` unless set.
  public var severity: String { (text("severity") ?? "ERROR").uppercased() }
  /// The column or columns (or expressions) that make a row unique; empty if not set.
  public var uniqueKey: [String] { list("unique_key") }
  /// Whether anything is run before or after the node is built.
  var hasHooks: Bool { storage.hasHooks }
  /// What is run before the node is built.
  public var preHooks: [Hook] { Hook.list(self["pre-hook"]) }
  /// What is run after the node is built.
  public var postHooks: [Hook] { Hook.list(self["post-hook"]) }
}

/// A statement to run before or after a node or a run.
public struct Hook: Sendable, Hashable {
  /// The SQL, a Jinja template.
  public var sql: String
  /// Whether it runs inside the node's transaction.
  public var transaction: Bool
  /// Its place among the hooks of its kind, if given.
  public var index: Int?

  /// Makes a hook; see the properties.
  public init(sql: String, transaction: Bool = true, index: Int? = nil) {
    self.sql = sql
    self.transaction = transaction
    self.index = index
  }

  /// The hooks that a configuration value means: a text, an object with `sql` and `transaction`, JSON text of such an
  /// object (which is what `after_commit()` and `before_begin()` return), or a list of these.
  public static func list(_ value: JSON?) -> [Hook] {
    switch value {
    case .array(let elements): return elements.flatMap { list($0) }
    case .string(let text):
      if text.first == "{", !text.hasPrefix("{{"), !text.hasPrefix("{%"), let object = try? JSON.parse(text), object["sql"] != nil {
        return list(object)
      }
      return [Hook(sql: text)]
    case .object(let members):
      guard let sql = members["sql"]?.string else { return [] }
      return [Hook(sql: sql, transaction: members["transaction"]?.bool ?? true, index: members["index"]?.int.map { Int($0) })]
    default: return []
    }
  }

  /// The hook as dbt's manifest holds it.
  public var json: JSON {
    ["sql": .string(sql), "transaction": .bool(transaction), "index": index.map { .int(Int64($0)) } ?? .null]
  }
}
