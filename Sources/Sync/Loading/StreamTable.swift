import AirbyteProtocol
import DataFormats
import Diagnostics
import Warehouse

/// A column that a property of the records is stored in.
struct TableColumn: Sendable, Equatable {
  /// The property.
  var field: String
  /// The column.
  var name: String
  /// How its values are stored.
  var kind: ColumnKind
  /// The type that the table declares.
  var declared: String
}

/// The table of a stream: its columns, its key, and the SQL that makes and changes it.
///
/// A stream whose records replace the old ones is written to a table beside its own, which takes its place in the transaction that
/// ends the sync: until then, and if the sync fails, the old rows are there.
struct StreamTable {
  /// What every table has behind the source's columns.
  static let metaColumns = ["_airbyte_raw_id", "_airbyte_extracted_at", "_airbyte_meta", "_airbyte_generation_id"]
  /// Where the values of properties stand that a full table has no column for: an object as JSON text.
  static let overflowColumn = "_scv_overflow"
  /// The columns that SQLite allows a table (https://www.sqlite.org/limits.html), less the one for what goes beyond them.
  static let mostColumns = 1999

  /// The table that users read.
  let target: Relation
  /// The table that records are written to.
  let written: Relation
  /// The paths of the fields that identify a row; empty if rows are not deduplicated.
  private(set) var keys: [[String]]
  /// The path of the field that tells later versions of a row from earlier ones; empty if the time of extraction does.
  let cursor: [String]
  /// Whether the last version to arrive always wins, whatever the time of extraction.
  let lastWins: Bool
  /// The columns for the properties that the stream has now; columns of the past are not among them.
  private(set) var columns: [TableColumn] = []
  /// The properties whose columns have other names.
  private(set) var names: [String: String]
  /// The properties that have no column, because nobody has approved them.
  let ignored: Set<String>
  /// The properties that have no column, because there are too many: their values stand together in one.
  private(set) var overflowing: Set<String> = []
  /// Names in lower case, as SQLite compares them, and what they are declared as.
  private var taken: [String: Column] = [:]
  private let adapter: SQLiteAdapter
  private let generation: Int64
  /// Whether the written table has rows already, of an attempt that broke off.
  private let resumes: Bool

  /// - Parameters:
  ///   - target: the table that users read.
  ///   - replaces: whether the records of this sync replace the rows.
  ///   - names: the properties whose columns had other names in earlier syncs.
  init(
    _ adapter: SQLiteAdapter, target: Relation, replaces: Bool, keys: [[String]], cursor: [String], lastWins: Bool, names: [String: String],
    generation: Int64, ignored: Set<String> = [], resumes: Bool = false
  ) {
    self.resumes = resumes
    self.ignored = ignored
    self.adapter = adapter
    self.target = target
    written = replaces ? StreamTable.draft(of: target) : target
    self.keys = keys
    self.cursor = cursor
    self.lastWins = lastWins
    self.names = names
    self.generation = generation
  }

  /// The table beside `target` that is to take its place.
  static func draft(of target: Relation) -> Relation {
    Relation(schema: target.schema, identifier: "_scv_load_" + target.identifier)
  }

  /// Whether records go to a table beside the target.
  var replaces: Bool { written != target }

  // MARK: - Making and changing

  /// Makes the table, or brings it to the schema: what is new gets a column, and what is gone keeps its own.
  ///
  /// - Throws: `Diagnostic` (`sync.not-a-table`, `sync.foreign-table`, `sync.duplicate-keys`).
  mutating func prepare(_ session: any Session, schema: JSON) throws {
    let existing = try session.find(target)
    if existing?.kind == .view {
      throw Diagnostic(
        .configuration, "sync.not-a-table", "the stream's table \(adapter.render(target)) is a view already",
        hint: "give the connection another `schema`, or drop the view")
    }
    let present = try session.columns(of: target)
    if !present.isEmpty && !present.contains(where: { $0.name == "_airbyte_raw_id" }) {
      throw Diagnostic(
        .configuration, "sync.foreign-table", "the table \(adapter.render(target)) exists and was not made by a sync",
        hint: "give the connection another `schema`, or drop the table")
    }
    for column in resumes ? try session.columns(of: written) : present { taken[column.name.lowercased()] = column }
    for name in StreamTable.metaColumns where taken[name] == nil { taken[name] = Column(name: name, type: "TEXT") }
    if resumes {
      try evolve(session, schema)
    } else if replaces {
      try session.drop(written)
      try create(session, columns: present, schema)
    } else if present.isEmpty {
      try create(session, columns: [], schema)
    } else {
      try evolve(session, schema)
    }
    try makeKeyIndex(session)
  }

  private mutating func create(_ session: any Session, columns old: [Column], _ schema: JSON) throws {
    var definitions = old.filter { !StreamTable.metaColumns.contains($0.name) }
    for (field, kind) in fields(of: schema) {
      guard let column = place(field, kind) else { continue }
      columns.append(column)
      if let index = definitions.firstIndex(where: { $0.name == column.name }) {
        definitions[index].type = column.declared
      } else {
        definitions.append(Column(name: column.name, type: column.declared))
      }
    }
    if !overflowing.isEmpty && !overflows {
      definitions.append(Column(name: StreamTable.overflowColumn, type: "TEXT"))
      taken[StreamTable.overflowColumn] = definitions.last
    }
    try session.execute("CREATE TABLE \(adapter.render(written)) (\(definition(definitions)))")
  }

  /// Whether the table has a column for what goes beyond its columns.
  var overflows: Bool { taken[StreamTable.overflowColumn] != nil }

  /// What follows the places of `columns` in an insert.
  private var tail: [String] { StreamTable.metaColumns + (overflows ? [StreamTable.overflowColumn] : []) }

  private func definition(_ columns: [Column]) -> String {
    let meta = [("_airbyte_raw_id", "TEXT"), ("_airbyte_extracted_at", "TEXT"), ("_airbyte_meta", "TEXT"), ("_airbyte_generation_id", "INTEGER")]
    return (columns.map { ($0.name, $0.type) } + meta).map { name, type in
      adapter.quote(name) + (type.isEmpty ? "" : " " + type)
    }.joined(separator: ", ")
  }

  /// Brings the table to a schema that came after it was prepared, or to the next sync's.
  mutating func evolve(_ session: any Session, _ schema: JSON) throws {
    var widened: [String: String] = [:]
    for (field, kind) in fields(of: schema) {
      if let index = columns.firstIndex(where: { $0.field == field }) {
        let declared = kind.declaredType(besides: columns[index].declared)
        if declared != columns[index].declared { widened[columns[index].name] = declared }
        columns[index].kind = kind
        columns[index].declared = declared
        continue
      }
      let known = taken[(names[field] ?? field).lowercased()]
      guard let column = place(field, kind) else { continue }
      if known?.name != column.name {
        try add(session, column)
      } else if known?.type != column.declared {
        widened[column.name] = column.declared
      }
      columns.append(column)
    }
    try addOverflow(session)
    try widen(session, widened)
  }

  private mutating func addOverflow(_ session: any Session) throws {
    guard !overflowing.isEmpty, !overflows else { return }
    let column = TableColumn(field: "", name: StreamTable.overflowColumn, kind: .json, declared: "TEXT")
    try add(session, column)
    taken[column.name] = Column(name: column.name, type: column.declared)
  }

  /// Makes columns for properties that no schema announced.
  mutating func addUndeclared(_ session: any Session, _ fields: [String]) throws {
    for field in fields {
      let known = taken[(names[field] ?? field).lowercased()]
      guard let column = place(field, .any) else { continue }
      if known?.name != column.name { try add(session, column) }
      columns.append(column)
    }
    try addOverflow(session)
  }

  private func add(_ session: any Session, _ column: TableColumn) throws {
    let type = column.declared.isEmpty ? "" : " " + column.declared
    try session.execute("ALTER TABLE \(adapter.render(written)) ADD COLUMN \(adapter.quote(column.name))\(type)")
  }

  /// Makes the columns in `slots` keep every number as it was written.
  mutating func widen(_ session: any Session, slots: [Int]) throws {
    var widened: [String: String] = [:]
    for slot in slots where !columns[slot].declared.isEmpty {
      columns[slot].declared = ""
      widened[columns[slot].name] = ""
    }
    try widen(session, widened)
  }

  /// Gives columns another declared type. SQLite cannot, so the table is written anew; it happens once or twice in a column's life.
  /// What became text turns into text in the rows that there are, so that a key still finds them.
  private mutating func widen(_ session: any Session, _ types: [String: String]) throws {
    guard !types.isEmpty else { return }
    let draft = Relation(schema: written.schema, identifier: "_scv_wide_" + target.identifier)
    let present = try session.columns(of: written)
    let indexes = try indexDefinitions(session, of: written)
    try session.drop(draft)
    let definitions = present.filter { !StreamTable.metaColumns.contains($0.name) }.map { column in
      types[column.name].map { Column(name: column.name, type: $0) } ?? column
    }
    for (name, type) in types { taken[name.lowercased()] = Column(name: name, type: type) }
    try session.execute("CREATE TABLE \(adapter.render(draft)) (\(definition(definitions)))")
    let list = present.map { adapter.quote($0.name) }.joined(separator: ", ")
    try session.execute("INSERT INTO \(adapter.render(draft)) (\(list)) SELECT \(list) FROM \(adapter.render(written)) ORDER BY rowid")
    try session.drop(written)
    try session.rename(draft, to: written)
    for index in indexes { try session.execute(index.sql) }
  }

  // MARK: - Names

  private func fields(of schema: JSON) -> [(String, ColumnKind)] {
    var fields = ColumnKind.fields(of: schema)
    // A key or cursor that the schema forgets has a column all the same.
    for path in keys + [cursor] {
      if let name = path.first, !fields.contains(where: { $0.0 == name }) { fields.append((name, path.count > 1 ? .json : .any)) }
    }
    // What rows are told apart by has a column in the fullest table.
    guard fields.count + StreamTable.metaColumns.count > StreamTable.mostColumns else { return fields }
    let first = Set((keys + [cursor]).compactMap(\.first))
    return fields.filter { first.contains($0.0) } + fields.filter { !first.contains($0.0) }
  }

  /// The column of a property: its own name, unless another column (SQLite does not tell case apart) has it.
  private mutating func place(_ field: String, _ kind: ColumnKind) -> TableColumn? {
    if let name = names[field] {
      let existing = taken[name.lowercased()]
      let column = TableColumn(
        field: field, name: existing?.name ?? name, kind: kind, declared: kind.declaredType(besides: existing?.type ?? kind.declaredType))
      taken[name.lowercased()] = Column(name: column.name, type: column.declared)
      return column
    }
    let clean = field.isEmpty ? "_" : field.replacing("\0", with: "_")
    let used = Set(columns.map { $0.name.lowercased() } + StreamTable.metaColumns + [StreamTable.overflowColumn] + names.values.map { $0.lowercased() })
    var name = clean
    var number = 2
    // A column of the past may be this property's own, if it is spelt alike.
    while used.contains(name.lowercased()) || (taken[name.lowercased()].map { $0.name != name } ?? false) {
      name = "\(clean)_\(number)"
      number += 1
    }
    let existing = taken[name.lowercased()]
    guard existing != nil || taken.count < StreamTable.mostColumns else {
      overflowing.insert(field)
      return nil
    }
    if name != field { names[field] = name }
    let column = TableColumn(field: field, name: name, kind: kind, declared: existing.map { kind.declaredType(besides: $0.type) } ?? kind.declaredType)
    taken[name.lowercased()] = Column(name: name, type: column.declared)
    return column
  }

  // MARK: - Keys

  /// Another key, for a stream whose schema only comes with its records.
  mutating func setKeys(_ session: any Session, _ keys: [[String]]) throws {
    guard keys != self.keys else { return }
    self.keys = keys
    try makeKeyIndex(session)
  }

  /// Whether a table has one row a key.
  static func isKeyed(_ target: Relation, _ adapter: SQLiteAdapter, _ session: any Session) throws -> Bool {
    let table = StreamTable(adapter, target: target, replaces: false, keys: [], cursor: [], lastWins: false, names: [:], generation: 0)
    return try table.indexDefinitions(session, of: target).contains { $0.name.hasPrefix("_scv_key_") }
  }

  private func expression(_ path: [String], of alias: String) -> String {
    let column = columns.first { $0.field == path.first }?.name ?? path.first ?? ""
    let value = (alias.isEmpty ? "" : alias + ".") + adapter.quote(column)
    guard path.count > 1 else { return value }
    let inner = path.dropFirst().map { "\"" + $0.replacing("\"", with: "\\\"") + "\"" }.joined(separator: ".")
    return "json_extract(\(value), '$.\(inner.replacing("'", with: "''"))')"
  }

  private var keyList: String { "(" + keys.map { expression($0, of: "") }.joined(separator: ", ") + ")" }

  private func makeKeyIndex(_ session: any Session) throws {
    let own = try indexDefinitions(session, of: written).filter { $0.name.hasPrefix("_scv_key_") }
    let wanted = keys.isEmpty ? nil : keyList
    if let wanted, own.contains(where: { $0.sql.hasSuffix(" " + wanted) }) { return }
    for index in own { try session.execute("DROP INDEX \(qualified(index.name))") }
    guard let wanted else { return }
    let base = "_scv_key_\(target.schema)__\(target.identifier)_\(generation)\(replaces ? "r" : "")"
    var name = base
    var number = 2
    // The table beside has one, too, and whoever pipes in may count as they like.
    while try isIndex(name, session) {
      name = "\(base)_\(number)"
      number += 1
    }
    do {
      try session.execute("CREATE UNIQUE INDEX \(qualified(name)) ON \(adapter.quote(physical(written))) \(wanted)")
    } catch let error as Diagnostic where error.message.contains("UNIQUE") {
      throw Diagnostic(
        .configuration, "sync.duplicate-keys", "the table \(adapter.render(target)) holds several rows of the same key",
        hint: "load it anew: scv sync --full-refresh", cause: error.message)
    }
  }

  // MARK: - Writing

  /// The insert, or upsert, of that many rows, with places for `columns`, the meta columns and, if there is one, the overflow of each.
  func insertSQL(rows: Int) -> String {
    let names = (columns.map(\.name) + tail).map(adapter.quote)
    let places = "(" + Array(repeating: "?", count: names.count).joined(separator: ",") + ")"
    let values = Array(repeating: places, count: rows).joined(separator: ",")
    let insert = "INSERT INTO \(adapter.render(written)) AS t (\(names.joined(separator: ", "))) VALUES \(values)"
    guard !keys.isEmpty else { return insert }
    // What is equal need not be set; setting it would make SQLite write the key's index anew.
    let same = Set(columns.filter { keys.contains([$0.field]) }.map { adapter.quote($0.name) })
    let sets = names.filter { !same.contains($0) }.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
    return "\(insert) ON CONFLICT \(keyList) DO UPDATE SET \(sets) WHERE \(isLater)"
  }

  /// Whether the arriving version of a row is later than the one that is there: by generation, cursor, time of extraction.
  private var isLater: String {
    let extracted = lastWins ? "TRUE" : "excluded._airbyte_extracted_at >= t._airbyte_extracted_at"
    guard !cursor.isEmpty else { return extracted }
    func value(_ alias: String) -> String {
      let value = expression(cursor, of: alias)
      // Without the Z, 12:00:00.5 comes after 12:00:00.
      return columns.first { $0.field == cursor.first }?.kind.isInstant == true && cursor.count == 1 ? "\(value) COLLATE \(SQLiteCollation.instant)" : value
    }
    let (old, new) = (value("t"), value("excluded"))
    return "excluded._airbyte_generation_id > t._airbyte_generation_id OR (\(old) IS NULL AND \(new) IS NOT NULL) OR \(new) > \(old)"
      + " OR (\(new) IS \(old) AND \(extracted))"
  }

  /// Puts the written table in the place of the target; indexes that users made on the old one are made again.
  func swap(_ session: any Session) throws {
    guard replaces else { return }
    let indexes = try indexDefinitions(session, of: target).filter { !$0.name.hasPrefix("_scv_key_") }
    try session.drop(target)
    try session.rename(written, to: target)
    for index in indexes { _ = try? session.savepoint { try session.execute(index.sql) } }
  }

  /// Drops what a failed replacement has written.
  func discard(_ session: any Session) throws {
    if replaces { try session.drop(written) }
  }

  // MARK: - SQLite's own tables

  private func physical(_ relation: Relation) -> String {
    if case .attached = adapter.layout { return relation.identifier }
    return String(adapter.render(relation).dropFirst().dropLast()).replacing("\"\"", with: "\"")
  }

  private func qualified(_ index: String) -> String {
    if case .attached = adapter.layout { return adapter.quote(target.schema) + "." + adapter.quote(index) }
    return adapter.quote(index)
  }

  private var master: String {
    if case .attached = adapter.layout { return adapter.quote(target.schema) + ".sqlite_master" }
    return "sqlite_master"
  }

  private func isIndex(_ name: String, _ session: any Session) throws -> Bool {
    try !session.query("SELECT 1 FROM \(master) WHERE type = 'index' AND name = ? COLLATE NOCASE", [.text(name)]).rows.isEmpty
  }

  private func indexDefinitions(_ session: any Session, of relation: Relation) throws -> [(name: String, sql: String)] {
    let rows = try session.query(
      "SELECT name, sql FROM \(master) WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ? COLLATE NOCASE", [.text(physical(relation))]
    ).rows
    return rows.compactMap { row in row[0].text.flatMap { name in row[1].text.map { (name, $0) } } }
  }
}
