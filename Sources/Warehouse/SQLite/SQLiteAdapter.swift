import Diagnostics
import FoundationEssentials
import GRDB
import GRDBSQLite
import Synchronization

/// A warehouse in SQLite: one file with schemas as prefixes, or one attached file a schema (see `SQLiteLayout`).
///
/// One connection writes, several read snapshots beside it (https://www.sqlite.org/wal.html). The journal is WAL with
/// `synchronous = NORMAL`: a killed process loses nothing that was committed, and after a power cut the file is consistent
/// with the last commits possibly missing, rows and their checkpoints alike. Who tells others that something is durable, and
/// they forget it then, asks for `survivesPowerCut`.
public final class SQLiteAdapter: Adapter {
  /// How schemas lie in the file.
  public let layout: SQLiteLayout
  /// What a database is called in front of a schema: SQLite has none, so the name is passed over.
  private let databaseName: String?
  private let database: any DatabaseWriter
  private let attached: Mutex<[String: String]>
  /// Schemas known to exist, so that creating one again costs nothing.
  private let known: Mutex<Set<String>>

  /// Opens the warehouse, or makes it.
  ///
  /// - Parameters:
  ///   - layout: where it is.
  ///   - databaseName: what a database is called in front of a schema, in `database.schema.table`: it is passed over.
  ///   - readers: how many threads may read at once.
  ///   - busyTimeout: how many seconds to wait for another process that writes.
  ///   - mayCreate: whether a file that does not exist is made.
  ///   - survivesPowerCut: whether a commit waits for the disk (`synchronous = FULL`).
  /// - Throws: `Diagnostic` (`warehouse.cannot-open` and the like).
  public init(
    _ layout: SQLiteLayout, databaseName: String? = nil, readers: Int = 4, busyTimeout: Double = 60, mayCreate: Bool = true,
    survivesPowerCut: Bool = false
  ) throws {
    self.layout = layout
    self.databaseName = databaseName
    let path = layout.path
    if !mayCreate, path != ":memory:", !FileManager.default.fileExists(atPath: path) {
      throw Diagnostic(
        .configuration, "warehouse.not-found", "there is no warehouse yet", at: SourceLocation(file: path),
        hint: "load something into it: scv sync, scv seed")
    }
    try SQLiteAdapter.makeFolder(of: path)
    var files: [String: String] = [:]
    if case .attached(_, let schemas, let directory, _) = layout {
      files = schemas
      for (name, file) in try SQLiteAdapter.files(in: directory) where name != "main" && file != path && files[name] == nil {
        files[name] = file
      }
    }
    let attached = files
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    configuration.acceptsDoubleQuotedStringLiterals = true  // as the sqlite3 shell and Python do: dbt projects rely on it
    configuration.busyMode = .timeout(busyTimeout)
    configuration.maximumReaderCount = max(1, readers)
    configuration.label = "scv"
    configuration.prepareDatabase { db in
      // Of a file that is only being made. Rows that come in any order touch fewer pages, and each has its price in the journal.
      try db.execute(sql: "PRAGMA page_size = 8192")
      // Some distributions have SQLite overwrite all that is deleted, so that dropping a table writes as much as filling it did;
      // FAST only does so where the page is written anyway (https://www.sqlite.org/pragma.html#pragma_secure_delete).
      try db.execute(sql: "PRAGMA secure_delete = FAST")
      try db.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536")
      // GRDB listens in on what statements touch, for observers; there are none, and with wide views it costs.
      sqlite3_set_authorizer(db.sqliteConnection, nil, nil)
      SQLiteFunctions.register(on: db)
      SQLiteCollation.register(on: db.sqliteConnection)
      for (name, file) in attached.sorted(by: { $0.key < $1.key }) {
        try db.execute(sql: "ATTACH DATABASE ? AS \(SQLiteNaming.quote(name))", arguments: [file])
      }
    }
    do {
      // Attaching needs every connection at once, so that layout has just one.
      if case .attached = layout {
        database = try DatabaseQueue(path: path, configuration: configuration)
      } else if path == ":memory:" {
        database = try DatabaseQueue(configuration: configuration)
      } else {
        database = try DatabasePool(path: path, configuration: configuration)
      }
      // GRDB chooses NORMAL for a journal of its own making, after all that can be prepared.
      if survivesPowerCut { try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") } }
    } catch {
      throw SQLiteFailure.diagnostic(error, opening: path)
    }
    self.attached = Mutex(files)
    self.known = Mutex([])
  }

  /// `sqlite`.
  public var type: String { "sqlite" }
  /// The schema of relations that name none.
  public var defaultSchema: String { layout.defaultSchema }
  /// What SQLite can do.
  public var capabilities: Capabilities {
    if case .prefixes = layout { [.transactionalDDL, .upsert, .crossSchemaViews] } else { [.transactionalDDL, .upsert] }
  }

  /// How SQL of other engines is read.
  var dialect: SQLiteDialect {
    SQLiteDialect(database: databaseName, naming: SQLiteNaming(layout)) { name in
      ((try? self.schemas()) ?? []).contains { $0.lowercased() == name.lowercased() }
    }
  }

  /// `CREATE TABLE` with keys that refuse NULL, as a contract wants them.
  public func enforcingKeys(_ sql: String) -> String {
    var (tokens, rest) = SQLToken.tokens(of: sql)
    SQLiteDialect.Definitions.enforceKeys(&tokens)
    return SQLToken.text(of: tokens, rest: rest)
  }

  /// `identifier` in double quotes.
  public func quote(_ identifier: String) -> String { SQLiteNaming.quote(identifier) }
  /// `"stripe__charges"`, or `"stripe"."charges"` where schemas are files.
  public func render(_ relation: Relation) -> String { SQLiteNaming(layout).render(relation) }

  /// Runs `body` on a snapshot.
  public func read<Result>(_ body: (any Session) throws -> Result) throws -> Result {
    try translating {
      try self.database.unsafeReentrantRead { db in
        // Inside `write` this is the writer, which then sees what it has written so far.
        if db.isInsideTransaction { return try body(SQLiteSession(db, self)) }
        var result: Result?
        try db.inTransaction(.deferred) {
          result = try body(SQLiteSession(db, self))
          return .commit
        }
        guard let result else { throw SQLiteFailure.lost }
        return result
      }
    }
  }

  /// Runs `body` in one `BEGIN IMMEDIATE` transaction on the writer.
  public func write<Result>(_ body: (any Session) throws -> Result) throws -> Result {
    try translating {
      try self.database.unsafeReentrantWrite { db in
        if db.isInsideTransaction {
          return try SQLiteSession(db, self).savepoint { try body(SQLiteSession(db, self)) }
        }
        var result: Result?
        try db.inTransaction(.immediate) {
          result = try body(SQLiteSession(db, self))
          return .commit
        }
        guard let result else { throw SQLiteFailure.lost }
        return result
      }
    }
  }

  /// Runs `body` on the writer outside a transaction, for what SQLite refuses inside one (VACUUM, some pragmas).
  public func maintain<Result>(_ body: (any Session) throws -> Result) throws -> Result {
    try translating {
      try self.database.unsafeReentrantWrite { db in try body(SQLiteSession(db, self)) }
    }
  }

  /// The schemas that exist: the default one, and those that were made.
  public func schemas() throws -> [String] {
    if case .attached = layout { return ["main"] + attached.withLock { $0.keys.sorted() } }
    let made = try read { session in
      try session.query("SELECT name FROM sqlite_master WHERE name = '_scv_schemas'").rows.isEmpty
        ? [] : session.query("SELECT name FROM _scv_schemas ORDER BY name").rows.compactMap { $0.first?.text }
    }
    return [defaultSchema] + made.filter { $0 != defaultSchema }
  }

  /// Makes a schema unless it exists: a line in `_scv_schemas`, or a file.
  public func createSchema(_ name: String) throws {
    guard !known.withLock({ $0.contains(name) }) else { return }
    switch layout {
    case .prefixes:
      guard name != defaultSchema else { return }
      try write { session in
        try session.execute("CREATE TABLE IF NOT EXISTS _scv_schemas (name TEXT PRIMARY KEY) WITHOUT ROWID")
        try session.execute("INSERT OR IGNORE INTO _scv_schemas VALUES (?)", [.text(name)])
      }
    case .attached(_, _, let directory, _):
      guard name != "main", attached.withLock({ $0[name] == nil }) else { return }
      guard let directory else {
        throw Diagnostic(
          .configuration, "warehouse.no-schema", "the schema '\(name)' has no file",
          hint: "name its file in `schemas_and_paths`, or a `schema_directory` where scv may make one")
      }
      let file = directory + "/" + name + ".db"
      try SQLiteAdapter.makeFolder(of: file)
      _ = try maintain { try $0.execute("ATTACH DATABASE ? AS \(SQLiteNaming.quote(name))", [.text(file)]) }
      attached.withLock { $0[name] = file }
    }
    _ = known.withLock { $0.insert(name) }
  }

  /// Drops a schema with all that is in it. The file of an attached schema stays, empty.
  public func dropSchema(_ name: String) throws {
    _ = known.withLock { $0.remove(name) }
    guard try schemas().contains(name) else { return }
    try write { session in
      for relation in try session.relations(in: name).sorted(by: { ($0.kind?.rawValue ?? "") > ($1.kind?.rawValue ?? "") }) {
        try session.drop(relation)
      }
      if case .prefixes = layout, name != defaultSchema {
        try session.execute("DELETE FROM _scv_schemas WHERE name = ?", [.text(name)])
      }
    }
  }

  /// Ends all connections; to be called once nobody uses the adapter.
  public func close() throws {
    try translating { try self.database.close() }
  }

  private func translating<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw SQLiteFailure.diagnostic(error)
    }
  }

  private static func makeFolder(of path: String) throws {
    guard path != ":memory:", let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
    let folder = String(path[..<slash])
    guard !FileManager.default.fileExists(atPath: folder) else { return }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Diagnostic(
        .system, "warehouse.cannot-open", "the folder of the warehouse cannot be made", at: SourceLocation(file: folder),
        hint: "check the path in the profile, and who may write there", cause: "\(error.localizedDescription)")
    }
  }

  private static func files(in directory: String?) throws -> [(String, String)] {
    guard let directory, let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else { return [] }
    return names.filter { $0.hasSuffix(".db") }.sorted().map { (String($0.dropLast(3)), directory + "/" + $0) }
  }
}
