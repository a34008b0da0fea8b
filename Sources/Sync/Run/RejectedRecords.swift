import AirbyteProtocol
import DataFormats
import Diagnostics
import Warehouse

/// The records that found no place: what they are, why, and a second try.
public struct RejectedRecords: Sendable {
  /// Records of one stream that were put aside for one reason.
  public struct Group: Sendable, Equatable {
    /// The connection.
    public var connection: String
    /// The stream; its name is empty where the record could not be read.
    public var stream: StreamDescriptor
    /// Why they have no place.
    public var reason: String
    /// How many there are.
    public var count: Int
    /// When the last of them was put aside, ISO 8601 in UTC.
    public var last: String
  }

  /// One record.
  public struct Record: Sendable, Equatable {
    /// The connection.
    public var connection: String
    /// The stream.
    public var stream: StreamDescriptor
    /// Why it has no place.
    public var reason: String
    /// As it came.
    public var record: String
    /// When it was put aside, ISO 8601 in UTC.
    public var rejectedAt: String
  }

  /// What a second try did.
  public struct Replay: Sendable, Equatable {
    /// How many records are in their tables now.
    public var placed = 0
    /// How many still have no place.
    public var remaining = 0

    /// None so far.
    public init() {}
  }

  /// The reason of those that are whole lines, because nobody could read them.
  static let unreadable = "the line is not a record in JSON"

  private let adapter: SQLiteAdapter

  /// The records in `adapter`.
  public init(adapter: SQLiteAdapter) {
    self.adapter = adapter
  }

  /// How many there are, by connection, stream and reason; the most frequent first.
  ///
  /// - Throws: `Diagnostic` of the category `.database`.
  public func groups(of connection: Connection) throws -> [Group] {
    guard let table = try table(of: connection) else { return [] }
    let rows = try adapter.query(
      """
      SELECT namespace, stream, reason, count(*), max(rejected_at) FROM \(table) WHERE connection = '\(connection.name.replacing("'", with: "''"))'
      GROUP BY namespace, stream, reason ORDER BY count(*) DESC, stream, reason
      """
    ).rows
    return rows.map { row in
      Group(
        connection: connection.name, stream: StreamDescriptor(name: row[1].text ?? "", namespace: row[0].text.flatMap { $0.isEmpty ? nil : $0 }),
        reason: row[2].text ?? "", count: Int(row[3].integer ?? 0), last: row[4].text ?? "")
    }
  }

  /// The last of them.
  ///
  /// - Parameters:
  ///   - stream: the name of the stream; nil for all.
  ///   - limit: how many.
  /// - Throws: `Diagnostic` of the category `.database`.
  public func records(of connection: Connection, stream: String? = nil, limit: Int) throws -> [Record] {
    guard let table = try table(of: connection) else { return [] }
    func literal(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
    let filter = stream.map { " AND stream = \(literal($0))" } ?? ""
    let rows = try adapter.query(
      """
      SELECT namespace, stream, reason, record, rejected_at FROM \(table) WHERE connection = \(literal(connection.name))\(filter)
      ORDER BY rowid DESC LIMIT \(limit)
      """
    ).rows
    return rows.map { row in
      Record(
        connection: connection.name, stream: StreamDescriptor(name: row[1].text ?? "", namespace: row[0].text.flatMap { $0.isEmpty ? nil : $0 }),
        reason: row[2].text ?? "", record: row[3].text ?? "", rejectedAt: row[4].text ?? "")
    }
  }

  /// Tries to load the records once more, into the tables as they are now. A record goes into its table and out of those that were
  /// put aside in one transaction.
  ///
  /// - Parameter stream: the name of the stream; nil for all.
  /// - Throws: `Diagnostic`, also if the connection is being synced (`sync.locked`).
  public func replay(_ connection: Connection, stream: String? = nil, options: SyncOptions) throws -> Replay {
    var connection = connection
    connection.limits.rejected = nil
    connection.limits.rejectedShare = 1
    let sync = ConnectionSync(connection, adapter: adapter, options: options) { _ in }
    var replay = Replay()
    let result = sync.guarded { replay = try sync.replay(stream) }
    if let error = result.error { throw error }
    return replay
  }

  private func table(of connection: Connection) throws -> String? {
    let ledger = Ledger(adapter, connection: connection.name, schema: connection.schema)
    return try adapter.read { try ledger.exists($0) } ? ledger.rejected : nil
  }
}

extension ConnectionSync {
  /// Loads what was put aside of the streams whose last sync is known.
  func replay(_ name: String?) throws -> RejectedRecords.Replay {
    let known = try adapter.read { session in try ledger.exists(session) ? ledger.lines(session) : [:] }
    let streams = known.compactMap { descriptor, line in name == nil || descriptor.name == name ? line.configured : nil }
    leavesRefreshes = true
    let keyed = try adapter.read { session in
      try Set(
        streams.map(\.descriptor).filter { stream in
          guard let table = known[stream]?.table else { return false }
          return try StreamTable.isKeyed(Relation(schema: schema(of: stream), identifier: table), adapter, session)
        })
    }
    _ = try prepare(
      streams.sorted { $0.descriptor.description < $1.descriptor.description }.map { configured in
        StreamPlan(
          configured: configured, replaces: false, deduplicates: keyed.contains(configured.descriptor) && !configured.primaryKey.isEmpty,
          versionField: configured.cursorField)
      })
    var replay = RejectedRecords.Replay()
    for load in loads {
      // The rows of a refresh that goes on are not in their place yet, or may be taken back.
      let waiting = load.line.refresh?.attempts ?? []
      replay.remaining += try adapter.read { try ledger.countRejected(load.descriptor, from: waiting, $0) }
      var last: Int64 = 0
      // What was put aside once more comes behind this row, and not again.
      let end = try adapter.read { try ledger.lastRejected($0) }
      while true {
        let before = load.result.rejected
        let batch = try adapter.write { session in
          guard let session = session as? SQLiteSession else { return 0 }
          let records = try ledger.rejected(load.descriptor, after: last, upTo: end, exceptFrom: waiting, limit: 1000, session)
          load.hasSchema = true
          // Records of any dialect were kept as they came, without what was around them.
          let readable = records.filter { $0.reason != RejectedRecords.unreadable }
          try consume(lines: readable.map { message($0.record, extractedAt: $0.extractedAt, of: load.descriptor) }, session)
          if let fatal { throw fatal }
          try ledger.forgetRejected(readable.map(\.row), session)
          load.result.rejected += records.count - readable.count
          last = records.last?.row ?? last
          return records.count
        }
        guard batch > 0 else { break }
        replay.remaining += load.result.rejected - before
        replay.placed += batch - (load.result.rejected - before)
      }
    }
    closeWriters()
    try adapter.write { session in
      for load in loads {
        (load.line.openFrom, load.line.openTo, load.line.openRows) = (nil, nil, false)
        try load.saveLine(session)
      }
    }
    return replay
  }

  /// The time of extraction is that of the first try: a version that is older than the row must not win.
  private func message(_ record: String, extractedAt: String?, of stream: StreamDescriptor) -> String {
    let name = JSON.string(stream.name).text()
    let time = JSON.string(extractedAt ?? Instant.text(milliseconds: Clock.milliseconds)).text()
    guard connection.dialect == .airbyte else {
      return "{\"type\":\"RECORD\",\"stream\":\(name),\"time_extracted\":\(time),\"record\":\(record)}"
    }
    let namespace = stream.namespace.map { ",\"namespace\":" + JSON.string($0).text() } ?? ""
    return "{\"type\":\"RECORD\",\"record\":{\"stream\":\(name)\(namespace),\"emitted_at\":\(time),\"data\":\(record)}}"
  }

  private func consume(lines: [String], _ session: SQLiteSession) throws {
    var bytes: [UInt8] = []
    for line in lines {
      bytes += line.utf8
      bytes.append(10)
    }
    let count = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: LinePipe.padding))
    try bytes.withUnsafeBytes { bytes in
      try consume(UnsafeRawBufferPointer(rebasing: bytes[..<count]), session)
      try flush(session)
    }
  }
}
