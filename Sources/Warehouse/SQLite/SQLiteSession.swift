import Diagnostics
import GRDB
import GRDBSQLite

/// A connection of SQLite inside a transaction or snapshot.
public struct SQLiteSession: Session {
  private let db: Database
  let naming: SQLiteNaming
  unowned let adapter: SQLiteAdapter

  init(_ db: Database, _ adapter: SQLiteAdapter) {
    self.db = db
    self.adapter = adapter
    self.naming = SQLiteNaming(adapter.layout)
  }

  /// The raw connection, for hot loops; valid as long as the session.
  public var handle: OpaquePointer {
    get throws {
      guard let handle = db.sqliteConnection else { throw SQLiteFailure.lost }
      return handle
    }
  }

  /// Runs one or more statements.
  @discardableResult public func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
    var changes = 0
    try statements(of: sql) { statement in
      try statement.bind(arguments)
      while try statement.step() {}
      changes = sqlite3_stmt_readonly(statement.handle) == 0 ? Int(sqlite3_changes64(try handle)) : 0
    }
    return changes
  }

  /// Runs one statement and gives its rows.
  public func query(_ sql: String, _ arguments: [SQLValue], limit: Int?) throws -> Table {
    var table = Table(columns: [])
    try statements(of: sql) { statement in
      try statement.bind(arguments)
      let count = sqlite3_column_count(statement.handle)
      guard count > 0 else {
        while try statement.step() {}
        return
      }
      table = Table(columns: statement.columnNames, types: statement.declaredTypes)
      while limit.map({ table.rows.count < $0 }) ?? true, try statement.step() {
        table.rows.append((0..<count).map(statement.value))
      }
    }
    return table
  }

  /// Inserts rows in bulk through one prepared statement.
  @discardableResult public func insert(into relation: Relation, columns: [String], _ nextRow: () throws -> [SQLValue]?) throws -> Int {
    let names = columns.map(SQLiteNaming.quote).joined(separator: ", ")
    let places = columns.map { _ in "?" }.joined(separator: ", ")
    let statement = try SQLiteStatement(try handle, "INSERT INTO \(naming.render(relation)) (\(names)) VALUES (\(places))")
    defer { statement.finalize() }
    var count = 0
    while let row = try nextRow() {
      try statement.bind(row)
      while try statement.step() {}
      statement.reset()
      count += 1
    }
    return count
  }

  /// The relations of a schema, by name.
  ///
  /// With prefixes, a relation of the default schema is one whose name does not begin with the prefix of another schema.
  public func relations(in schema: String) throws -> [Relation] {
    let rows = try query(
      "SELECT name, type FROM \(naming.master(of: schema)) WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    ).rows
    var found: [(name: String, kind: Relation.Kind)] = rows.compactMap { row in
      guard let name = row[0].text, let kind = row[1].text.flatMap(Relation.Kind.init) else { return nil }
      return (name, kind)
    }
    if case .prefixes(_, let defaultSchema) = naming.layout {
      if schema == defaultSchema {
        let prefixes =
          found.contains { $0.name == "_scv_schemas" }
          ? try query("SELECT name FROM _scv_schemas").rows.compactMap { $0[0].text.map { $0 + "__" } } : []
        found = found.filter { item in !item.name.hasPrefix("_scv_") && !prefixes.contains { item.name.hasPrefix($0) } }
      } else {
        let prefix = schema + "__"
        found = found.compactMap { $0.name.hasPrefix(prefix) ? (String($0.name.dropFirst(prefix.count)), $0.kind) : nil }
      }
    }
    return found.map { Relation(schema: schema, identifier: $0.name, kind: $0.kind) }
  }

  /// The relation as it exists; names are compared as SQLite does, without regard to ASCII case.
  public func find(_ relation: Relation) throws -> Relation? {
    let rows = try query(
      "SELECT type FROM \(naming.master(of: relation.schema)) WHERE name = ? COLLATE NOCASE AND type IN ('table', 'view')",
      [.text(naming.physicalName(relation))]
    ).rows
    guard let kind = rows.first?[0].text.flatMap(Relation.Kind.init) else { return nil }
    var existing = relation
    existing.kind = kind
    return existing
  }

  /// The columns of a relation; a view's are those of its query.
  public func columns(of relation: Relation) throws -> [Column] {
    try query(
      "SELECT name, type, \"notnull\", pk FROM pragma_table_xinfo(?, ?) WHERE hidden <> 1 ORDER BY cid",
      [.text(naming.physicalName(relation)), .text(naming.pragmaSchema(of: relation.schema))]
    ).rows.map { row in
      Column(
        name: row[0].text ?? "", type: row[1].text ?? "", isRequired: row[2].integer == 1, primaryKeyPosition: Int(row[3].integer ?? 0))
    }
  }

  /// Renames a table, or makes a view anew under the other name: SQLite cannot rename views.
  public func rename(_ relation: Relation, to new: Relation) throws {
    guard let existing = try find(relation) else {
      throw Diagnostic(.database, "warehouse.no-relation", "there is no relation \(naming.render(relation)) to rename")
    }
    let target = SQLiteNaming.quote(naming.physicalName(new))
    guard existing.kind == .view else {
      // Without it SQLite rewrites, and first checks, every view that names the table (https://www.sqlite.org/pragma.html#pragma_legacy_alter_table).
      try execute("PRAGMA legacy_alter_table = ON")
      defer { _ = try? execute("PRAGMA legacy_alter_table = OFF") }
      try execute("ALTER TABLE \(naming.render(relation)) RENAME TO \(target)")
      return
    }
    let sql = try query(
      "SELECT sql FROM \(naming.master(of: relation.schema)) WHERE type = 'view' AND name = ? COLLATE NOCASE",
      [.text(naming.physicalName(relation))]
    ).rows.first?[0].text
    guard let sql, let body = SQLiteSession.body(ofView: sql) else {
      throw Diagnostic(.database, "warehouse.no-relation", "the definition of the view \(naming.render(relation)) cannot be read")
    }
    try execute("DROP VIEW \(naming.render(relation)); CREATE VIEW \(naming.render(new)) \(body)")
  }

  /// Drops a table or view, whichever it is, if it exists.
  public func drop(_ relation: Relation) throws {
    guard let existing = try find(relation) else { return }
    try execute("DROP \(existing.kind == .view ? "VIEW" : "TABLE") \(naming.render(relation))")
  }

  /// Undoes what `body` did if it throws.
  public func savepoint<Result>(_ body: () throws -> Result) throws -> Result {
    try execute("SAVEPOINT scv")
    do {
      let result = try body()
      try execute("RELEASE scv")
      return result
    } catch {
      // If the engine has rolled back the whole transaction by itself (disk full), there is no savepoint left.
      _ = try? execute("ROLLBACK TO scv; RELEASE scv")
      throw error
    }
  }

  /// What follows the name in a view's definition: its column list if any, and `AS …`.
  private static func body(ofView sql: String) -> Substring? {
    var rest = Substring(sql)
    func skipBlanks() { rest = rest.drop { $0.isWhitespace } }
    func skipWord() { rest = rest.drop { !$0.isWhitespace } }
    skipWord()  // CREATE
    skipBlanks()
    skipWord()  // VIEW
    skipBlanks()
    func skipName() {
      guard let quote = rest.first, let end = ["\"": "\"", "`": "`", "[": "]"][quote] as Character? else {
        rest = rest.drop { !$0.isWhitespace && $0 != "." && $0 != "(" }
        return
      }
      rest = rest.dropFirst()
      while let character = rest.first {
        rest = rest.dropFirst()
        if character == end {
          guard rest.first == end else { return }
          rest = rest.dropFirst()
        }
      }
    }
    skipName()
    if rest.first == "." {
      rest = rest.dropFirst()
      skipName()
    }
    return rest.isEmpty ? nil : rest
  }

  /// Runs `body` on every statement of `sql`, as SQLite spells it.
  private func statements(of sql: String, _ body: (SQLiteStatement) throws -> Void) throws {
    for part in adapter.dialect.translate(sql) {
      switch part {
      case .sql(let sql): try run(sql, body)
      case .createSchema(let name): try adapter.createSchema(name)
      case .dropSchema(let name): try adapter.dropSchema(name)
      }
    }
  }

  private func run(_ sql: String, _ body: (SQLiteStatement) throws -> Void) throws {
    let handle = try handle
    var sql = sql
    try sql.withUTF8 { bytes in
      try bytes.withMemoryRebound(to: CChar.self) { text in
        var at = 0
        while at < text.count {
          guard let (statement, end) = try SQLiteStatement.prepare(handle, text, at) else { break }
          at = end
          guard let statement else { continue }  // blanks and comments
          defer { statement.finalize() }
          try body(statement)
        }
      }
    }
  }
}
