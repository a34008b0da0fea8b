import Diagnostics

/// What an engine can do; the transformations ask before they choose a way.
public struct Capabilities: OptionSet, Sendable {
  /// The bits.
  public let rawValue: Int
  /// Takes the bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// DDL can be rolled back, so that a table is replaced in one transaction with what belongs to it.
  public static let transactionalDDL = Capabilities(rawValue: 1 << 0)
  /// `INSERT … ON CONFLICT DO UPDATE`.
  public static let upsert = Capabilities(rawValue: 1 << 1)
  /// The SQL statement `MERGE`.
  public static let merge = Capabilities(rawValue: 1 << 2)
  /// Several sessions may write at once.
  public static let concurrentWriters = Capabilities(rawValue: 1 << 3)
  /// A view may look at relations of another schema.
  public static let crossSchemaViews = Capabilities(rawValue: 1 << 4)
}

/// A warehouse: names, transactions, introspection. One folder an engine, one test suite over all of them.
///
/// An adapter may be used from several threads at once. Errors of the engine are `Diagnostic`s of the category
/// `.database` (`warehouse.sql`, `warehouse.busy`, `warehouse.full`, `warehouse.read-only`, `warehouse.corrupt`).
public protocol Adapter: AnyObject, Sendable {
  /// The name of the engine, as profiles spell it: `sqlite`.
  var type: String { get }
  /// The schema of relations that name none.
  var defaultSchema: String { get }
  /// What the engine can do.
  var capabilities: Capabilities { get }

  /// `identifier` in the engine's quotes.
  func quote(_ identifier: String) -> String
  /// The relation's name as it stands in SQL.
  func render(_ relation: Relation) -> String

  /// Runs `body` on a snapshot: it sees what was committed when it began, and writes nothing.
  func read<Result>(_ body: (any Session) throws -> Result) throws -> Result
  /// Runs `body` in one transaction: all that it does is committed when it returns, or undone if it throws.
  ///
  /// On an engine with one writer, others wait here for their turn.
  func write<Result>(_ body: (any Session) throws -> Result) throws -> Result

  /// The schemas that exist.
  func schemas() throws -> [String]
  /// Makes a schema unless it exists.
  func createSchema(_ name: String) throws
  /// Drops a schema with all that is in it, if it exists.
  func dropSchema(_ name: String) throws
}

/// A connection inside `Adapter.read` or `Adapter.write`; not to be kept beyond it.
public protocol Session {
  /// Runs one or more statements; what they return is thrown away.
  ///
  /// - Returns: the number of rows that the last of them inserted, updated or deleted.
  @discardableResult func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int
  /// Runs one statement and gives its rows, the first `limit` of them if there is a limit.
  func query(_ sql: String, _ arguments: [SQLValue], limit: Int?) throws -> Table
  /// Inserts rows in bulk; `nextRow` gives one value a column, or nil at the end.
  ///
  /// - Returns: the number of rows.
  @discardableResult func insert(into relation: Relation, columns: [String], _ nextRow: () throws -> [SQLValue]?) throws -> Int

  /// The relations of a schema, by name.
  func relations(in schema: String) throws -> [Relation]
  /// The relation as it exists, with its kind; nil if there is none.
  func find(_ relation: Relation) throws -> Relation?
  /// The columns of a relation in order; empty if it does not exist.
  func columns(of relation: Relation) throws -> [Column]
  /// Gives a relation another name. Views that refer to it keep referring to the old name.
  func rename(_ relation: Relation, to new: Relation) throws
  /// Drops a table or view, whichever it is, if it exists.
  func drop(_ relation: Relation) throws
  /// The statements of the views of a schema, as the engine keeps them.
  func viewStatements(in schema: String) throws -> Set<String>
  /// The statement of a view as the engine would keep it; nil where nobody knows without making it.
  func keptStatement(_ view: ViewDefinition) -> String?
  /// Makes many views in one go, all or none, where the engine has a way that is faster than one statement each; views that
  /// exist are made anew. What they read is not looked at.
  ///
  /// - Returns: whether it was done; if not, nothing was changed.
  func createViews(_ views: [ViewDefinition]) throws -> Bool
  /// Puts a transaction inside the transaction: what `body` does is undone if it throws.
  func savepoint<Result>(_ body: () throws -> Result) throws -> Result
}

extension Session {
  /// Runs statements without arguments.
  @discardableResult public func execute(_ sql: String) throws -> Int {
    try execute(sql, [])
  }

  /// Runs one statement and gives its rows.
  public func query(_ sql: String, _ arguments: [SQLValue] = []) throws -> Table {
    try query(sql, arguments, limit: nil)
  }
}

extension Adapter {
  /// Runs statements in a transaction of their own.
  @discardableResult public func execute(_ sql: String, _ arguments: [SQLValue] = []) throws -> Int {
    try write { try $0.execute(sql, arguments) }
  }

  /// Runs one query on a snapshot.
  public func query(_ sql: String, _ arguments: [SQLValue] = [], limit: Int? = nil) throws -> Table {
    try read { try $0.query(sql, arguments, limit: limit) }
  }

  /// The relations of a schema, by name.
  public func relations(in schema: String) throws -> [Relation] {
    try read { try $0.relations(in: schema) }
  }

  /// The columns of a relation in order; empty if it does not exist.
  public func columns(of relation: Relation) throws -> [Column] {
    try read { try $0.columns(of: relation) }
  }
}
