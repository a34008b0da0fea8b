import Diagnostics
import GRDBSQLite

extension SQLiteSession {
  /// From how many views on it pays to write their definitions in one go.
  private static let bulk = 16

  /// The statements of the views of a schema, as SQLite keeps them.
  public func viewStatements(in schema: String) throws -> Set<String> {
    Set(try query("SELECT sql FROM \(naming.master(of: schema)) WHERE type = 'view'").rows.compactMap { $0[0].text })
  }

  /// The statement of a view as SQLite would keep it; nil where nobody knows without making it.
  ///
  /// SQLite keeps the two words in capitals, and everything from the name on, without its schema, as it was written
  /// (build.c, sqlite3EndTable).
  public func keptStatement(_ view: ViewDefinition) -> String? {
    guard let text = translated(view.statement) else { return nil }
    let utf8 = text.utf8
    guard let start = utf8.firstIndex(where: { !SQLiteSession.isBlank($0) }), let last = utf8.lastIndex(where: { !SQLiteSession.isBlank($0) }) else {
      return nil
    }
    let body = text[start...last]
    let name = naming.render(view.relation)
    guard body.prefix(12).lowercased() == "create view ", body.dropFirst(12).hasPrefix(name), body.utf8.last != UInt8(ascii: ";") else { return nil }
    let rest = body.dropFirst(12 + name.count)
    guard let next = rest.utf8.first, SQLiteSession.isBlank(next) else { return nil }
    return "CREATE VIEW " + SQLiteNaming.quote(naming.physicalName(view.relation)) + rest
  }

  /// A statement as SQLite spells it; nil if it becomes several things.
  private func translated(_ statement: String) -> String? {
    let parts = adapter.dialect.translate(statement)
    guard parts.count == 1, case .sql(let text) = parts[0] else { return nil }
    return text
  }

  /// Makes many views in one go, all or none; views that exist are made anew.
  ///
  /// Each `CREATE VIEW` walks over everything that is in the file, thousands of them for minutes. Where there are many, their
  /// definitions are written into the schema table as its documentation describes it
  /// (https://www.sqlite.org/lang_altertable.html, section 7): every statement has been compiled by SQLite before, and before
  /// anything is kept SQLite reads the whole schema again, so that nothing stays that it would not read.
  ///
  /// - Returns: whether it was done; if not, nothing was changed.
  public func createViews(_ views: [ViewDefinition]) throws -> Bool {
    guard views.count >= SQLiteSession.bulk else { return false }
    var definitions: [String: [(name: String, sql: String)]] = [:]
    for view in views {
      guard let kept = keptStatement(view) else { return false }
      definitions[naming.pragmaSchema(of: view.relation.schema), default: []].append((naming.physicalName(view.relation), kept))
    }
    var known: [String: [(row: SQLValue, name: String)]] = [:]
    for schema in definitions.keys {
      let rows = try query("SELECT rowid, tbl_name FROM \(SQLiteNaming.quote(schema)).sqlite_master WHERE type IN ('view', 'trigger')").rows
      known[schema] = rows.map { ($0[0], $0[1].text?.lowercased() ?? "") }
    }
    let existing = known.mapValues { Set($0.map(\.name)) }
    for view in views {
      let isThere = existing[naming.pragmaSchema(of: view.relation.schema)]?.contains(naming.physicalName(view.relation).lowercased()) ?? false
      guard let statement = translated(view.statement), isCompilable(statement, isThere) else { return false }
    }
    do {
      try savepoint {
        try permittingSchemaWrites {
          for (schema, list) in definitions { try write(list, over: known[schema] ?? [], into: SQLiteNaming.quote(schema)) }
        }
        for schema in definitions.keys { _ = try query("SELECT 1 FROM \(SQLiteNaming.quote(schema)).sqlite_master LIMIT 0") }
      }
      return true
    } catch let error as Diagnostic where error.code == "warehouse.sql" || error.code == "warehouse.corrupt" {
      return false
    }
  }

  /// Afterwards the permission is gone, and SQLite has forgotten what it knew of the schema.
  private func permittingSchemaWrites(_ body: () throws -> Void) throws {
    try execute("PRAGMA writable_schema = ON")
    defer { _ = try? execute("PRAGMA writable_schema = RESET") }
    try body()
  }

  private func write(_ definitions: [(name: String, sql: String)], over known: [(row: SQLValue, name: String)], into schema: String) throws {
    let names = Set(definitions.map { $0.name.lowercased() })
    for row in known where names.contains(row.name) { try execute("DELETE FROM \(schema).sqlite_master WHERE rowid = ?", [row.row]) }
    let insert = try SQLiteStatement(
      try handle, "INSERT INTO \(schema).sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('view', ?, ?, 0, ?)")
    defer { insert.finalize() }
    for definition in definitions {
      try insert.bind([.text(definition.name), .text(definition.name), .text(definition.sql)])
      while try insert.step() {}
      insert.reset()
    }
    let version = try query("PRAGMA \(schema).schema_version").rows.first?[0].integer ?? 0
    try execute("PRAGMA \(schema).schema_version = \(version + 1)")
  }

  /// Whether SQLite takes the text of a `keptStatement` as one statement.
  ///
  /// - Parameter isThere: whether there is a view of the name, which it would not make again.
  private func isCompilable(_ statement: String, _ isThere: Bool) -> Bool {
    guard let handle = try? handle else { return false }
    let head = statement.prefix { $0.isWhitespace }.count + "create view ".count
    var text = isThere ? "CREATE VIEW IF NOT EXISTS " + statement.dropFirst(head) : statement
    return text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { text in
        guard let (compiled, end) = try? SQLiteStatement.prepare(handle, text, 0), let compiled else { return false }
        compiled.finalize()
        return text[min(end, text.count)...].allSatisfy { SQLiteSession.isBlank(UInt8(bitPattern: $0)) }
      }
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
