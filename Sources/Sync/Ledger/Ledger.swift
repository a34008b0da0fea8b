import AirbyteProtocol
import DataFormats
import Diagnostics
import Warehouse

/// What a warehouse remembers about its syncs, in tables beside the data so that one transaction covers both:
///
/// - `_scv_state`: the states that sources are started with again.
/// - `_scv_streams`: a line a stream: its table, generation and columns, and which rows came after its last checkpoint.
/// - `_scv_rejected`: records that have no place in their table, whole and with the reason.
/// - `_scv_sync_runs`: what every sync did.
///
/// Where schemas are files of their own, each file has its own four tables: SQLite's transactions over several files in WAL mode
/// are not atomic (https://www.sqlite.org/lang_attach.html).
struct Ledger {
  /// What is known about a stream.
  struct StreamLine {
    /// The table.
    var table: String
    /// The number of the present generation of its rows.
    var generation: Int64
    /// The properties whose columns have other names.
    var names: [String: String]
    /// The row numbers from here to `openTo` came after the last checkpoint.
    var openFrom: String?
    /// See `openFrom`.
    var openTo: String?
    /// Whether those rows must go before the stream is read again; else only what was rejected.
    var openRows: Bool
    /// How many rows the last successful sync read.
    var lastRead: Int64?
    /// The stream as it was synced the last time; nil for streams of syncs that did not keep it.
    var configured: ConfiguredStream?
    /// The refresh that has not come to its end.
    var refresh: Refresh?
  }

  let connection: String
  private let state: String
  private let streams: String
  /// The table of records that found no place, as it stands in SQL.
  let rejected: String
  private let runs: String

  init(_ adapter: SQLiteAdapter, connection: String, schema: String) {
    self.connection = connection
    var home = adapter.defaultSchema
    if case .attached = adapter.layout { home = schema }
    func table(_ name: String) -> String { adapter.render(Relation(schema: home, identifier: name)) }
    state = table("_scv_state")
    streams = table("_scv_streams")
    rejected = table("_scv_rejected")
    runs = table("_scv_sync_runs")
  }

  /// Makes the tables unless they are there.
  func prepare(_ session: any Session) throws {
    try session.execute(
      """
      CREATE TABLE IF NOT EXISTS \(state) (connection TEXT NOT NULL, namespace TEXT NOT NULL, stream TEXT NOT NULL, type TEXT NOT NULL,
        state TEXT NOT NULL, updated_at TEXT NOT NULL, PRIMARY KEY (connection, namespace, stream)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS \(streams) (connection TEXT NOT NULL, namespace TEXT NOT NULL, stream TEXT NOT NULL, table_name TEXT NOT NULL,
        generation INTEGER NOT NULL, column_names TEXT NOT NULL, open_from TEXT, open_to TEXT, open_rows INTEGER NOT NULL DEFAULT 0,
        last_read INTEGER, configured TEXT, refresh TEXT, PRIMARY KEY (connection, namespace, stream)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS \(rejected) (connection TEXT NOT NULL, namespace TEXT NOT NULL, stream TEXT NOT NULL, raw_id TEXT NOT NULL,
        reason TEXT NOT NULL, record TEXT NOT NULL, extracted_at TEXT, rejected_at TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS \(runs) (run_id TEXT NOT NULL, connection TEXT NOT NULL, namespace TEXT NOT NULL, stream TEXT NOT NULL,
        status TEXT NOT NULL, started_at TEXT NOT NULL, finished_at TEXT NOT NULL, rows_read INTEGER NOT NULL, rows_written INTEGER NOT NULL,
        rows_rejected INTEGER NOT NULL, values_nulled INTEGER NOT NULL, bytes INTEGER NOT NULL, error TEXT);
      """)
    for column in try missingColumns(session) { try session.execute("ALTER TABLE \(streams) ADD COLUMN \(column) TEXT") }
  }

  /// Warehouses of earlier versions lack some columns.
  private func missingColumns(_ session: any Session) throws -> [String] {
    let present = try session.query("SELECT * FROM \(streams) LIMIT 0").columns
    return ["configured", "refresh"].filter { !present.contains($0) }
  }

  /// Whether the tables are there.
  func exists(_ session: any Session) throws -> Bool {
    (try? session.query("SELECT 1 FROM \(streams) LIMIT 1")) != nil
  }

  // MARK: - States

  /// The states of the connection's last checkpoint: one a stream, or one for all.
  ///
  /// - Throws: `Diagnostic`, also if a state is damaged (`sync.damaged-state`).
  func states(_ session: any Session) throws -> [StateMessage] {
    let rows = try session.query("SELECT state, stream FROM \(state) WHERE connection = ? ORDER BY namespace, stream", [.text(connection)]).rows
    return try rows.compactMap { row in
      guard let text = row[0].text else { return nil }
      do { return try StateMessage(json: try JSON.parse(text)) } catch let error as Diagnostic {
        let stream = row[1].text ?? ""
        throw Diagnostic(
          .database, "sync.damaged-state",
          "the state of \(stream.isEmpty ? "'\(connection)'" : "'\(connection).\(stream)'") in _scv_state is not one that a sync has written",
          hint: "read everything anew: delete its row in _scv_state, then scv sync --select \(connection) --full-refresh", cause: error.message)
      }
    }
  }

  /// Stores a state. One of a single stream replaces that stream's; one for all replaces all.
  func save(_ message: StateMessage, _ session: any Session, at time: String) throws {
    var kept = message
    kept.recordCount = nil
    let type: String
    var descriptor = StreamDescriptor(name: "")
    switch message.scope {
    case .stream(let stream):
      type = "STREAM"
      descriptor = stream.descriptor
      try session.execute("DELETE FROM \(state) WHERE connection = ? AND type <> 'STREAM'", [.text(connection)])
    case .global: type = "GLOBAL"
    case .legacy: type = "LEGACY"
    }
    if type != "STREAM" { try session.execute("DELETE FROM \(state) WHERE connection = ?", [.text(connection)]) }
    try session.execute(
      "INSERT INTO \(state) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET type = excluded.type, state = excluded.state, updated_at = excluded.updated_at",
      [.text(connection), .text(descriptor.namespace ?? ""), .text(descriptor.name), .text(type), .text(kept.json.text()), .text(time)])
  }

  /// Forgets the states of streams that are read anew.
  func forget(_ descriptors: [StreamDescriptor], _ session: any Session) throws {
    for descriptor in descriptors {
      try session.execute(
        "DELETE FROM \(state) WHERE connection = ? AND namespace = ? AND stream = ?",
        [.text(connection), .text(descriptor.namespace ?? ""), .text(descriptor.name)])
    }
  }

  // MARK: - Streams

  /// What is known about the connection's streams.
  func lines(_ session: any Session) throws -> [StreamDescriptor: StreamLine] {
    let missing = try missingColumns(session)
    let later = ["configured", "refresh"].map { missing.contains($0) ? "NULL" : $0 }.joined(separator: ", ")
    let table = try session.query(
      """
      SELECT namespace, stream, table_name, generation, column_names, open_from, open_to, open_rows, last_read, \(later) FROM \(streams) WHERE connection = ?
      """, [.text(connection)])
    var lines: [StreamDescriptor: StreamLine] = [:]
    for row in table.rows {
      let namespace = row[0].text.flatMap { $0.isEmpty ? nil : $0 }
      let names = try JSON.parse(row[4].text ?? "{}").object ?? [:]
      lines[StreamDescriptor(name: row[1].text ?? "", namespace: namespace)] = StreamLine(
        table: row[2].text ?? "", generation: row[3].integer ?? 0,
        names: Dictionary(names.compactMap { key, value in value.string.map { (key, $0) } }) { first, _ in first }, openFrom: row[5].text,
        openTo: row[6].text, openRows: row[7].integer == 1, lastRead: row[8].integer,
        configured: row[9].text.flatMap { try? ConfiguredStream(json: JSON.parse($0)) },
        refresh: row[10].text.flatMap { try? JSON.parse($0) }.flatMap(Refresh.init(json:)))
    }
    return lines
  }

  /// The one among some other connections that has a stream in a table of that name; nil if none does.
  func owner(of table: String, among connections: [String], _ session: any Session) throws -> String? {
    try connections.first { name in
      try !session.query("SELECT 1 FROM \(streams) WHERE connection = ? AND table_name = ? COLLATE NOCASE", [.text(name), .text(table)]).rows.isEmpty
    }
  }

  /// Stores what is known about a stream.
  func save(_ line: StreamLine, of descriptor: StreamDescriptor, _ session: any Session) throws {
    let names = JSON.object(.init(uniqueKeysWithValues: line.names.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }))
    func optional(_ text: String?) -> SQLValue { text.map { .text($0) } ?? .null }
    try session.execute(
      """
      INSERT OR REPLACE INTO \(streams) (connection, namespace, stream, table_name, generation, column_names, open_from, open_to, open_rows, last_read,
        configured, refresh) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        .text(connection), .text(descriptor.namespace ?? ""), .text(descriptor.name), .text(line.table), .integer(line.generation),
        .text(names.text()), optional(line.openFrom), optional(line.openTo), .integer(line.openRows ? 1 : 0),
        line.lastRead.map { .integer($0) } ?? .null, optional(line.configured?.json.text()),
        optional(line.refresh?.json.text()),
      ])
  }

  /// Takes back what a sync wrote after the last checkpoint of a stream: it will be read again.
  ///
  /// - Parameter target: the stream's table as it stands in SQL; nil if it does not exist.
  /// - Returns: how many rows went.
  @discardableResult func takeBack(_ line: StreamLine, of descriptor: StreamDescriptor, target: String?, _ session: any Session) throws -> Int {
    guard let from = line.openFrom, let to = line.openTo else { return 0 }
    return try takeBack((from, to), of: descriptor, target: line.openRows ? target : nil, session)
  }

  /// Takes back what the attempts of a refresh have added to a stream: it begins anew. What they have put in the place of earlier
  /// versions stays.
  ///
  /// - Parameter target: the stream's table as it stands in SQL; nil if it does not exist.
  func takeBack(_ refresh: Refresh, of descriptor: StreamDescriptor, target: String?, _ session: any Session) throws {
    for first in refresh.attempts {
      try takeBack((first, RawIdentifier.last(from: first)), of: descriptor, target: refresh.place == .among ? target : nil, session)
    }
  }

  @discardableResult
  private func takeBack(_ range: (from: String, to: String), of descriptor: StreamDescriptor, target: String?, _ session: any Session) throws -> Int {
    let numbers: [SQLValue] = [.text(range.from), .text(range.to)]
    // The numbers of a sync go through all its streams.
    try session.execute("DELETE FROM \(rejected) WHERE \(condition()) AND raw_id BETWEEN ? AND ?", key(descriptor) + numbers)
    guard let target else { return 0 }
    return try session.execute("DELETE FROM \(target) WHERE _airbyte_raw_id BETWEEN ? AND ?", numbers)
  }

  /// Forgets the rejected records of a stream.
  ///
  /// - Parameter attempts: the row numbers at which the syncs began whose records stay.
  func forgetRejected(of descriptor: StreamDescriptor, exceptFrom attempts: [String], _ session: any Session) throws {
    try session.execute("DELETE FROM \(rejected) WHERE \(condition(exceptFrom: attempts))", key(descriptor) + bounds(attempts))
  }

  // MARK: - Records and runs

  /// Keeps a record that has no place.
  func reject(_ record: String, reason: String, of descriptor: StreamDescriptor, rawID: String, extractedAt: String?, at time: String, _ session: any Session)
    throws
  {
    try session.execute(
      "INSERT INTO \(rejected) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      [
        .text(connection), .text(descriptor.namespace ?? ""), .text(descriptor.name), .text(rawID), .text(reason), .text(record),
        extractedAt.map { .text($0) } ?? .null, .text(time),
      ])
  }

  /// Records that have no place, oldest first.
  ///
  /// - Parameter attempts: the row numbers at which the syncs began whose records are left out.
  /// - Returns: of each the row, the record as it came, why it has no place, and when the source read it.
  func rejected(
    _ descriptor: StreamDescriptor, after row: Int64, upTo last: Int64, exceptFrom attempts: [String], limit: Int, _ session: any Session
  ) throws -> [(row: Int64, record: String, reason: String, extractedAt: String?)] {
    try session.query(
      "SELECT rowid, record, reason, extracted_at FROM \(rejected) WHERE \(condition(exceptFrom: attempts)) AND rowid > ? AND rowid <= ? ORDER BY rowid LIMIT ?",
      key(descriptor) + bounds(attempts) + [.integer(row), .integer(last), .integer(Int64(limit))]
    ).rows.map { ($0[0].integer ?? 0, $0[1].text ?? "", $0[2].text ?? "", $0[3].text) }
  }

  /// How many records of a stream have no place that came in syncs which began at the row numbers `attempts`.
  func countRejected(_ descriptor: StreamDescriptor, from attempts: [String], _ session: any Session) throws -> Int {
    try attempts.reduce(0) { sum, first in
      let row = try session.query(
        "SELECT count(*) FROM \(rejected) WHERE \(condition()) AND raw_id BETWEEN ? AND ?", key(descriptor) + bounds([first])
      ).rows.first
      return sum + Int(row?[0].integer ?? 0)
    }
  }

  /// Which rejected records are those of a stream; its parameters are `key`, and `bounds` of the syncs that are left out.
  private func condition(exceptFrom attempts: [String] = []) -> String {
    "connection = ? AND namespace = ? AND stream = ?" + attempts.map { _ in " AND raw_id NOT BETWEEN ? AND ?" }.joined()
  }

  private func key(_ descriptor: StreamDescriptor) -> [SQLValue] {
    [.text(connection), .text(descriptor.namespace ?? ""), .text(descriptor.name)]
  }

  private func bounds(_ attempts: [String]) -> [SQLValue] {
    attempts.flatMap { [.text($0), .text(RawIdentifier.last(from: $0))] }
  }

  /// The row of the record that was put aside last; 0 if there is none.
  func lastRejected(_ session: any Session) throws -> Int64 {
    try session.query("SELECT max(rowid) FROM \(rejected)").rows.first?[0].integer ?? 0
  }

  /// Removes records that have found their place.
  func forgetRejected(_ rows: [Int64], _ session: any Session) throws {
    for row in rows { try session.execute("DELETE FROM \(rejected) WHERE rowid = ?", [.integer(row)]) }
  }

  /// Notes what a sync did with a stream.
  func record(_ result: StreamResult, run: String, startedAt: String, at time: String, _ session: any Session) throws {
    try session.execute(
      "INSERT INTO \(runs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      [
        .text(run), .text(connection), .text(result.stream.namespace ?? ""), .text(result.stream.name), .text(result.status.rawValue),
        .text(startedAt), .text(time), .integer(Int64(result.rowsRead)), .integer(Int64(result.rowsWritten)), .integer(Int64(result.rejected)),
        .integer(Int64(result.nulled)), .integer(Int64(result.bytes)), result.error.map { .text($0.message) } ?? .null,
      ])
  }
}
